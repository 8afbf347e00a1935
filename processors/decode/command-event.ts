// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import { COMMAND, COMMAND_NAME } from '../../protocol/commands.ts';
import { readChangeUser } from '../../protocol/messages/change-user.ts';
import { LAST_PREPARED } from '../../protocol/messages/execute.ts';
import { readQueryAttributeCount } from '../../protocol/messages/query.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { cleanName } from '../../schemas/clean-name.ts';
import { SqlText, type TextLoss } from '../../schemas/sql-text.ts';
import type { ConnectionState } from './connection-state.ts';
import { forgetLongData, keepBoundValues, keepLongData, skipQueryAttributes } from './kept-values.ts';
import { modeOfNext } from './pipelined-mode.ts';
import { preparedLast, preparedWithId } from './prepared-ids.ts';
import type { PreparedStatement } from './prepared-statement.ts';

const reader = new ByteReader();

/** Command message (payload from `start` to `end`) → an event without its response. */
export class CommandEvents {
  private readonly keepsRaw: boolean;

  /** @param keepsRaw Read bound values and query attributes too (`--dangerously-keep-raw`). */
  constructor(keepsRaw: boolean) {
    this.keepsRaw = keepsRaw;
  }

  /** @param length True length of the message; more than is here where it was cut. */
  begin(
    state: ConnectionState,
    sequence: number,
    timeUs: number,
    bytes: Buffer,
    start: number,
    end: number,
    length: number,
    loss: TextLoss,
  ): AuditEvent {
    const code = start < end ? bytes[start]! : 0;
    const isLost = start === end && loss !== 'none';
    const event = state.newEvent((isLost ? '' : COMMAND_NAME[code]) || 'unknown', sequence, timeUs);
    event.requestBytes = Math.min(Number.MAX_SAFE_INTEGER, length + 4 * (Math.floor(length / LONGEST_PACKET) + 1));
    reader.reset(bytes, start + 1, Math.max(end, start + 1));
    switch (code) {
      case COMMAND.query:
        if (readQueryAttributeCountAndSkip(event, state, this.keepsRaw))
          this.setText(event, state, reader.pos, end, length - (reader.pos - start), loss);
        break;
      case COMMAND.prepare:
        this.setText(event, state, reader.pos, end, length - 1, loss);
        state.gapsAtPrepare = state.clientGaps;
        break;
      case COMMAND.execute:
      case COMMAND.bulkExecute:
        this.execution(event, state, reader.u32(), bytes, start, end);
        break;
      case COMMAND.sendLongData:
      case COMMAND.reset:
      case COMMAND.close:
      case COMMAND.fetch:
        this.afterPrepared(event, state, code, reader.u32());
        break;
      case COMMAND.initDb:
        event.targetDatabase = cleanName(bytes.toString('utf8', reader.pos, end));
        event.databaseName = event.targetDatabase;
        break;
      case COMMAND.changeUser:
        this.changeUser(event, state);
        break;
    }
    return event;
  }

  private setText(
    event: AuditEvent,
    state: ConnectionState,
    start: number,
    end: number,
    length: number,
    loss: TextLoss,
  ): void {
    event.sql = new SqlText(reader.bytes, start, end, modeOfNext(state), loss);
    // What a batch says of the length may be less than what it holds.
    event.statementBytes = Math.max(length, end - start);
  }

  private execution(
    event: AuditEvent,
    state: ConnectionState,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const preparing = id === LAST_PREPARED ? lastPrepare(state) : null;
    if (preparing === null) {
      const prepared = this.link(event, state, id);
      if (prepared !== undefined && this.keepsRaw) keepBoundValues(event, state, prepared, bytes, start, end);
      return;
    }
    // Sent before its prepare was answered: how many parameters it has comes with the answer.
    event.sql = preparing.sql;
    event.statementBytes = preparing.statementBytes;
    if (!this.keepsRaw) return;
    state.unread ??= new Map();
    state.unread.set(event.sequence, Buffer.from(bytes.subarray(start, end)));
  }

  /** Gives the event the text of a prepared statement. */
  private link(event: AuditEvent, state: ConnectionState, id: number): PreparedStatement | undefined {
    const prepared = id === LAST_PREPARED ? preparedLast(state) : preparedWithId(state, id);
    if (prepared !== undefined) {
      prepared.usedUs = event.timeUs;
      event.sql = prepared.sql;
      event.statementBytes = prepared.statementBytes;
      event.completeness = prepared.completeness;
    } else if (event.command !== 'close' || state.unnumbered.length > 0 || state.mayHaveMissedPrepare) {
      // Its prepare was not seen. To close a statement a second time, though, is no more than a habit of some drivers.
      event.completeness = 'midstream';
    }
    return prepared;
  }

  private afterPrepared(event: AuditEvent, state: ConnectionState, code: number, id: number): void {
    const prepared = this.link(event, state, id);
    if (prepared === undefined) return;
    if (code === COMMAND.close) state.deletePrepared(id);
    else if (code === COMMAND.reset) forgetLongData(state, prepared);
    else if (code === COMMAND.sendLongData && this.keepsRaw) keepLongData(state, prepared, reader);
  }

  private changeUser(event: AuditEvent, state: ConnectionState): void {
    const change = readChangeUser(reader, state.capabilities ?? 0);
    event.userName = cleanName(change.userName);
    event.userNameSource = 'change_user';
    event.databaseName = cleanName(change.databaseName);
    event.targetDatabase = event.databaseName;
    event.targetCollation = change.collation;
    if (change.clientProgram !== '') event.clientProgram = cleanName(change.clientProgram);
  }
}

/** @returns false when the attributes are broken: where the text begins is then not known. */
function readQueryAttributeCountAndSkip(event: AuditEvent, state: ConnectionState, keepsRaw: boolean): boolean {
  const count = readQueryAttributeCount(reader, state.capabilities);
  if (count > 0) skipQueryAttributes(event, state, reader, count, keepsRaw);
  if (!reader.overrun) return true;
  event.completeness = 'truncated';
  return false;
}

/** The prepare that waits for its answer, the last one sent; null when none does, or another may have been sent. */
function lastPrepare(state: ConnectionState): AuditEvent | null {
  if (state.gapsAtPrepare !== state.clientGaps) return null;
  return state.pending.findLast((event) => event.command === 'prepare') ?? null;
}

const LONGEST_PACKET = 0xff_ffff;
