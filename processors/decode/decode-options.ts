import type { AuditEvent, ConnectionFacts } from '../../schemas/audit-event.ts';
import { BATCH_FAMILY, BATCH_MAGIC } from '../../schemas/message-batch.ts';
import type { DecodeCounters } from './decode-counters.ts';

export interface DecodeOptions extends Partial<DecodeCounts> {
  /** Read bound values and query attributes too (`--dangerously-keep-raw`). */
  readonly keepsRaw: boolean;
  /** Whether `takeChanged` will be called; default false. */
  readonly tracksChanges?: boolean;
  /** Counted in here, together with others; default: by itself. */
  readonly counters?: DecodeCounters;
}

/** What the ledger is told; the rest it sees in what decode emits. */
export interface DecodeCounts {
  /** A command or login was taken in; it is emitted now or later, exactly once. */
  readonly onBegin: (event: AuditEvent) => void;
  /** A response came whose command is not known; it is in no event. */
  readonly onUnpaired: (connection: ConnectionFacts, timeUs: number) => void;
  /** A connection has ended; nothing of it comes after that. @param timeUs Of its last message. */
  readonly onEnded?: (connection: ConnectionFacts, timeUs: number) => void;
}

/** How reading a batch ended. Of a truncated one, the readable head was used. */
export type BatchOutcome = 'read' | 'garbage' | 'future_version' | 'truncated';

export interface BatchFacts {
  outcome: BatchOutcome;
  /** The server of its first connection; empty where it has none. */
  serverId: string;
}

/** Tells what is no batch at all from one of a later version, and from one whose head breaks off. */
export function unreadableOutcome(value: Buffer): BatchOutcome {
  if (value.length < 4 || value.readUIntLE(0, 3) !== BATCH_FAMILY) return 'garbage';
  return value[3] === BATCH_MAGIC >>> 24 ? 'truncated' : 'future_version';
}
