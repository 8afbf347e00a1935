import type { ConnectionFacts } from './audit-event.ts';

/** Why bytes of a connection are in no audit event. */
export type LossReason =
  /** Never captured: dropped by kernel, network card or the capture itself. */
  | 'gap'
  /** Encrypted. */
  | 'tls'
  /** Not understood as MySQL. */
  | 'unreadable';

/** A span of a connection of which the audit trail knows nothing: a row of its own, so that its absence is no silence. */
export class Loss {
  readonly connection: ConnectionFacts;
  readonly timeUs: number;
  readonly reason: LossReason;
  /** Position in its connection: with the connection it makes the row's id. */
  readonly sequence: number;
  readonly fromClient: boolean;
  /** Offset of the first missing byte in its half-connection, from its first captured byte; 0 where several spans are summed up. */
  readonly fromByte: number;
  readonly bytes: number;

  constructor(
    connection: ConnectionFacts,
    timeUs: number,
    reason: LossReason,
    sequence: number,
    fromClient: boolean,
    fromByte: number,
    bytes: number,
  ) {
    this.connection = connection;
    this.timeUs = timeUs;
    this.reason = reason;
    this.sequence = sequence;
    this.fromClient = fromClient;
    this.fromByte = fromByte;
    this.bytes = bytes;
  }
}
