/** A session as the readings of its server's process list tell of it. Times are µs since the epoch, by the watcher's clock. */
export interface KnownSession {
  readonly connectionId: number;
  /** Where it comes from, as captures see it; empty where the host's name could not be resolved. */
  clientAddresses: readonly string[];
  readonly clientPort: number;
  userName: string;
  /** From when on it is known to have this user, and until when it was known to have the one before; 0: it had no other. */
  userSinceUs: number;
  userBeforeUntilUs: number;
  databaseName: string;
  databaseSinceUs: number;
  clientProgram: string;
  /** It was open then, for certain. */
  readonly sinceUs: number;
  /** It was open then, if the server's Time is to be believed. */
  readonly idleSinceUs: number;
  /** It was open then too: when the last reading that showed it was asked for. */
  lastAskedUs: number;
  /** It was gone by then, for certain; infinite while it may be there. */
  goneByUs: number;
}

/** A watched server as of its last reading. */
export interface KnownServer {
  readonly serverId: string;
  /** When it was started; exact to some seconds. */
  startedUs: number;
  askedUs: number;
  answeredUs: number;
}
