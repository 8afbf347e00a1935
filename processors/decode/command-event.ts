// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import { COMMAND, COMMAND_NAME } from '../../protocol/commands.ts';
import { readChangeUser } from '../../protocol/messages/change-user.ts';
import { Execute, LAST_PREPARED } from '../../protocol/messages/execute.ts';
import { readQueryAttributeCount } from '../../protocol/messages/query.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { cleanName } from '../../schemas/clean-name.ts';
import { SqlText, type TextLoss } from '../../schemas/sql-text.ts';
import type { ConnectionState } from './connection-state.ts';
import { keepExecuteParameters, keepLongData, skipQueryAttributes } from './kept-values.ts';

const reader = new ByteReader();
const execute = new Execute();

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
    const event = state.newEvent(COMMAND_NAME[code] || 'unknown', sequence, timeUs);
    event.requestBytes = length + 4 * (Math.floor(length / LONGEST_PACKET) + 1);
    reader.reset(bytes, start + 1, Math.max(end, start + 1));
    switch (code) {
      case COMMAND.query:
        if (readQueryAttributeCountAndSkip(event, state, this.keepsRaw))
          this.setText(event, state, reader.pos, end, length - (reader.pos - start), loss);
        break;
      case COMMAND.prepare:
        this.setText(event, state, reader.pos, end, length - 1, loss);
        break;
      case COMMAND.execute:
        if (execute.read(reader)) this.setPrepared(event, state, execute.statementId);
        if (this.keepsRaw) keepExecuteParameters(event, state, reader, execute);
        break;
      case COMMAND.sendLongData:
      case COMMAND.reset:
      case COMMAND.close:
      case COMMAND.fetch:
      case COMMAND.bulkExecute:
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
    event.sql = new SqlText(reader.bytes, start, end, state.mode, loss);
    event.statementBytes = length;
  }

  private setPrepared(event: AuditEvent, state: ConnectionState, id: number): void {
    const prepared = state.prepared.get(id === LAST_PREPARED ? state.lastPreparedId : id);
    if (prepared === undefined) {
      // Its prepare was not seen; to close a statement a second time is no more than a habit of some drivers.
      if (event.command !== 'close') event.completeness = 'midstream';
      return;
    }
    event.sql = prepared.sql;
    event.statementBytes = prepared.statementBytes;
  }

  private afterPrepared(event: AuditEvent, state: ConnectionState, code: number, id: number): void {
    this.setPrepared(event, state, id);
    const prepared = state.prepared.get(id);
    if (prepared === undefined) return;
    if (code === COMMAND.close) state.prepared.delete(id);
    else if (code === COMMAND.reset) prepared.longData = null;
    else if (code === COMMAND.sendLongData && this.keepsRaw) keepLongData(prepared, state.mode, reader);
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

const LONGEST_PACKET = 0xff_ffff;
