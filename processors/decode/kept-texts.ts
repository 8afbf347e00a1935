// Hot path
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { ConnectionState } from './connection-state.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { PreparedStatement } from './prepared-statement.ts';

/** Texts and values of commands that wait for their response and of prepared statements, over all connections of a partition. */
const LIMIT_BYTES = 96 * 1024 * 1024;
/** Beyond the limit, what was used longest ago is dropped down to this: so dropping is rare, and one command of the largest length has room. */
const TARGET_BYTES = 72 * 1024 * 1024;
/** Longer ones go first: a few of them are most of what there is, and all others need not suffer from them. */
const LONG_BYTES = 4096;
/** An event or a prepared statement without its text. */
const ENTRY_BYTES = 512;
const LONGEST_COMMAND = 64 * 1024 * 1024;

interface Entry {
  readonly state: ConnectionState;
  readonly bytes: number;
  readonly usedUs: number;
  /** The event that waits, or the id of the prepared statement. */
  readonly item: AuditEvent | number;
}

/**
 * What decode keeps of texts. Only what comes is counted as it comes; what goes is found out by counting anew when the limit seems
 * to be reached, which costs nothing per command and, as each entry counts for `ENTRY_BYTES` at least, little each time.
 */
export class KeptTexts {
  private bytes = 0;

  /** @param bytes Of a text or values that may stay. */
  add(bytes: number): void {
    this.bytes += bytes + ENTRY_BYTES;
  }

  restored(state: ConnectionState): void {
    for (const { bytes } of entriesOf(state)) this.bytes += bytes;
  }

  /** To be asked after each message. */
  get isFull(): boolean {
    return this.bytes > LIMIT_BYTES;
  }

  /** Takes from the connections what is too much; commands go on without their response. @returns How many texts were dropped. */
  relieve(table: ConnectionTable, emit: (event: AuditEvent) => void): number {
    const entries: Entry[] = [];
    for (const state of table.states.values()) entries.push(...entriesOf(state));
    this.bytes = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.bytes <= TARGET_BYTES) return 0;
    entries.sort((a, b) => Number(a.bytes < LONG_BYTES) - Number(b.bytes < LONG_BYTES) || a.usedUs - b.usedUs);
    let dropped = 0;
    for (; this.bytes > TARGET_BYTES; dropped++) {
      const { state, item, bytes } = entries[dropped]!;
      table.touch(state.facts.uid);
      this.bytes -= bytes;
      if (typeof item === 'number') state.deletePrepared(item);
      else {
        state.dropPending(item);
        emit(item);
      }
    }
    return dropped;
  }
}

function* entriesOf(state: ConnectionState): Generator<Entry> {
  for (const [id, prepared] of state.prepared)
    yield { state, bytes: preparedBytes(prepared), usedUs: prepared.usedUs, item: id };
  for (const event of state.pending) yield { state, bytes: pendingBytes(event), usedUs: event.timeUs, item: event };
}

function preparedBytes({ sql, longData }: PreparedStatement): number {
  let bytes = ENTRY_BYTES + sql.end - sql.start;
  if (longData !== null) for (const value of longData.values()) bytes += String(value).length;
  return bytes;
}

/** An execution has the text of its statement, and values of its own. */
function pendingBytes({ command, sql, requestBytes }: AuditEvent): number {
  const isOwn = sql !== null && command !== 'execute';
  return ENTRY_BYTES + (isOwn ? sql.end - sql.start : Math.min(requestBytes, LONGEST_COMMAND));
}
