/**
 * Whose a captured connection is, known only after its first events: what the process list said. It holds for all events of the
 * connection that do not say themselves. A later one of the same connection, by `version`, replaces it. Times are µs since the epoch.
 */
export interface ConnectionIdentity {
  readonly connectionUid: string;
  /** The server's name in the events. */
  readonly serverId: string;
  readonly userName: string;
  /** Events from then on may have another user. */
  readonly userUntilUs: number;
  /** Empty: it had none, or none is known. */
  readonly databaseName: string;
  readonly databaseUntilUs: number;
  /** The server's thread id. */
  readonly connectionId: number;
  readonly clientProgram: string;
  /** The events it may change are between these. */
  readonly firstUs: number;
  readonly lastUs: number;
  /** When the server said so. */
  readonly knownUs: number;
  readonly version: number;
}

/** No end: beyond every time the store has. */
export const NO_END_US = 4_294_967_295_999_999;
