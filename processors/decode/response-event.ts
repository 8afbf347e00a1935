// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import { charsetOfCollation } from '../../protocol/charsets.ts';
import { EOF_MAX_BYTES, Eof } from '../../protocol/messages/eof.ts';
import { Err } from '../../protocol/messages/err.ts';
import { Ok } from '../../protocol/messages/ok.ts';
import { PrepareOk } from '../../protocol/messages/prepare-ok.ts';
import { SERVER_STATUS } from '../../protocol/server-status.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { cleanName } from '../../schemas/clean-name.ts';
import { ENDING, MESSAGE_FLAG } from '../../schemas/message-batch.ts';
import type { MessageBatchReader } from '../../schemas/message-batch-reader.ts';
import type { ConnectionState } from './connection-state.ts';
import { keepBoundValues } from './kept-values.ts';
import { addNumbered, losePrepare, missPrepare, statementOf } from './prepared-ids.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import { charsetName, hasAnsiQuotes, mayChangeSession, readSessionFacts, type SessionFacts } from './session-facts.ts';
import { sqlMode } from './sql-modes.ts';

const SEMICOLON = 0x3b;
/** ER_UNKNOWN_STMT_HANDLER */
const UNKNOWN_STATEMENT = 1243;

const reader = new ByteReader();
const ok = new Ok();
const eof = new Eof();
const err = new Err();
const prepareOk = new PrepareOk();

/** Adds one result to the event of its command and to what is known of the session. */
export function addResponse(state: ConnectionState, event: AuditEvent, message: MessageBatchReader): void {
  event.responseBytes = message.count;
  event.returnedRows = Math.min(Number.MAX_SAFE_INTEGER, event.returnedRows + message.rows);
  event.requestBytes = Math.min(Number.MAX_SAFE_INTEGER, event.requestBytes + message.furtherRequestBytes);
  if (event.firstRowUs === 0 && message.firstUs > 0) event.firstRowUs = Math.max(0, message.firstUs - event.timeUs);
  if (message.ending !== ENDING.none) event.durationUs = Math.max(0, message.timeUs - event.timeUs);
  if (message.flags & MESSAGE_FLAG.gap && event.completeness !== 'truncated') event.completeness = 'gap';
  if (message.flags & MESSAGE_FLAG.askedForFile) event.localInfileRequested = true;
  const { databaseName, userName } = state;
  readEnding(state, event, message);
  const isChanged = databaseName !== state.databaseName || userName !== state.userName;
  if (isChanged && state.pendingCount > 1) state.tellLater(event);
}

function readEnding(state: ConnectionState, event: AuditEvent, message: MessageBatchReader): void {
  const { flags } = message;
  reader.reset(message.bytes, message.start, message.end);
  switch (message.ending) {
    case ENDING.none:
      // Of several results the first ones came.
      event.status = 'unknown';
      if (event.command === 'prepare') losePrepare(state, event);
      else doubtSession(state, event);
      break;
    case ENDING.ok:
      addOk(state, event, flags);
      break;
    case ENDING.eof:
      eof.read(reader);
      event.warnings = eof.warnings;
      if (message.end - message.start >= EOF_MAX_BYTES) addStatus(state, event, eof.status);
      succeed(state, event, flags);
      break;
    case ENDING.err:
      addError(state, event);
      break;
    case ENDING.prepareOk:
      addPrepared(state, event, flags);
      break;
    case ENDING.text:
      event.status = 'ok';
      break;
  }
}

function addOk(state: ConnectionState, event: AuditEvent, flags: number): void {
  ok.read(reader, state.capabilities);
  // A server that counts beyond 2^53 has not counted rows; the largest exact number stands for it.
  event.affectedRows = Math.min(Number.MAX_SAFE_INTEGER, event.affectedRows + ok.affectedRows);
  if (ok.lastInsertId !== 0) event.lastInsertId = ok.lastInsertId;
  event.warnings = ok.warnings;
  addStatus(state, event, ok.status);
  succeed(state, event, flags);
  if (ok.schema !== null) state.databaseName = cleanName(ok.schema);
  if (ok.charsetClient !== null) setCharset(state, charsetName(ok.charsetClient));
  if (ok.sqlMode !== null) setAnsiQuotes(state, hasAnsiQuotes(ok.sqlMode));
}

function addStatus(state: ConnectionState, event: AuditEvent, status: number): void {
  const inTransaction = (status & SERVER_STATUS.inTransaction) !== 0;
  event.inTransaction = inTransaction;
  state.inTransaction = inTransaction;
  if (status & SERVER_STATUS.noIndexUsed) event.noIndexUsed = true;
  const { charset, noBackslashEscapes, ansiQuotes } = state.mode;
  const escapesNot = (status & SERVER_STATUS.noBackslashEscapes) !== 0;
  if (noBackslashEscapes !== escapesNot) state.mode = sqlMode(charset, escapesNot, ansiQuotes);
}

function addError(state: ConnectionState, event: AuditEvent): void {
  err.read(reader);
  failSession(state, event);
  event.status = 'error';
  event.errorCode = err.code;
  event.sqlState = err.sqlState;
  if (err.code === UNKNOWN_STATEMENT) forgetText(event);
  event.errorMessage = reader.bytes.subarray(err.messageStart, err.messageEnd);
}

/** The server has no statement of this id: one that is known by it here is another. */
function forgetText(event: AuditEvent): void {
  if (event.command === 'query' || event.command === 'prepare') return;
  event.sql = null;
  event.statementBytes = 0;
  event.completeness = 'midstream';
}

function addPrepared(state: ConnectionState, event: AuditEvent, flags: number): void {
  event.status = 'ok';
  if (!prepareOk.read(reader)) return;
  event.warnings = prepareOk.warnings;
  if (event.sql === null) return;
  const prepared = statementOf(event, prepareOk.parameters);
  event.sql = prepared.sql;
  addNumbered(state, prepareOk.statementId, prepared);
  if (flags & MESSAGE_FLAG.doubtful) {
    prepared.completeness = 'gap';
    missPrepare(state);
  }
  readPipelined(state, event, prepared);
}

/** The values of executes that were sent before their prepare was answered. */
function readPipelined(state: ConnectionState, prepare: AuditEvent, prepared: PreparedStatement): void {
  const { unread } = state;
  if (unread === null) return;
  const { pending } = state;
  for (let i = pending.indexOf(prepare) + 1; i < pending.length; i++) {
    const event = pending[i]!;
    if (event.command === 'prepare') return;
    const payload = unread.get(event.sequence);
    if (payload === undefined) continue;
    unread.delete(event.sequence);
    keepBoundValues(event, state, prepared, payload, 0, payload.length);
  }
}

/** What a command changes in the session once the server agreed. */
function succeed(state: ConnectionState, event: AuditEvent, flags: number): void {
  // A text is looked at once, with its first result, however many there are.
  const isFirst = event.status === 'unknown';
  event.status = 'ok';
  if (flags & MESSAGE_FLAG.doubtful) doubtSession(state, event);
  else if (event.command === 'query' || event.command === 'execute') {
    const isSeveral = (flags & MESSAGE_FLAG.moreResults) !== 0;
    const facts = isFirst ? sessionFacts(event, isSeveral) : null;
    if (facts === null) return;
    if (facts.database !== null) state.databaseName = cleanName(facts.database);
    if (facts.charset !== null) setCharset(state, facts.charset);
    if (facts.ansiQuotes !== 'kept') setAnsiQuotes(state, facts.ansiQuotes);
  } else if (event.command === 'connect') state.loginCharset = state.mode.charset;
  else if (event.command === 'init_db') state.databaseName = event.targetDatabase;
  else if (event.command === 'change_user') changeUser(state, event);
  else if (event.command === 'reset_connection') resetSession(state, event);
}

function setCharset(state: ConnectionState, charset: string): void {
  const { noBackslashEscapes, ansiQuotes } = state.mode;
  state.mode = sqlMode(charset, noBackslashEscapes, ansiQuotes);
}

function setAnsiQuotes(state: ConnectionState, ansiQuotes: boolean | null): void {
  const { charset, noBackslashEscapes } = state.mode;
  state.mode = sqlMode(charset, noBackslashEscapes, ansiQuotes);
}

/** Null when the text cannot have changed the session. */
function sessionFacts(event: AuditEvent, isSeveral: boolean): SessionFacts | null {
  const { sql } = event;
  if (sql === null || !mayChangeSession(sql.bytes, sql.start, sql.end, isSeveral)) return null;
  return readSessionFacts(sql.bytes, sql.start, sql.end, isSeveral, sql.loss === 'none');
}

/** A response that was not captured leaves open whether its command changed the session. */
function doubtSession(state: ConnectionState, event: AuditEvent): void {
  if (event.command === 'query' || event.command === 'execute') {
    const facts = sessionFacts(event, mayBeSeveral(event));
    if (facts === null) return;
    if (facts.database !== null && facts.database !== state.databaseName) state.databaseName = '';
    if (facts.charset !== null && facts.charset !== state.mode.charset) setCharset(state, '');
    if (facts.ansiQuotes !== 'kept' && facts.ansiQuotes !== state.mode.ansiQuotes) setAnsiQuotes(state, null);
    return;
  }
  if (event.command === 'change_user' && event.userName !== state.userName) {
    state.userName = '';
    state.userNameSource = 'unknown';
  }
  const isTargeted = event.command === 'init_db' || event.command === 'change_user';
  if (isTargeted && event.targetDatabase !== state.databaseName) state.databaseName = '';
  if (event.command === 'change_user' || event.command === 'reset_connection')
    state.mode = sqlMode('', state.mode.noBackslashEscapes, null);
}

function mayBeSeveral({ sql }: AuditEvent): boolean {
  return sql?.bytes.subarray(sql.start, sql.end).includes(SEMICOLON) ?? false;
}

/** A statement that failed changed nothing, but one that runs others may have got as far as to change something. */
function failSession(state: ConnectionState, event: AuditEvent): void {
  if (event.command !== 'query' && event.command !== 'execute') return;
  const isLater = event.status === 'ok';
  const facts = sessionFacts(event, isLater);
  if (facts === null) return;
  // Which of several USE came to run is not known.
  if (isLater && facts.database !== null) state.databaseName = '';
  if (facts.charset === '') setCharset(state, '');
  if (facts.ansiQuotes === null) setAnsiQuotes(state, null);
}

function changeUser(state: ConnectionState, event: AuditEvent): void {
  state.userName = event.userName;
  state.userNameSource = 'change_user';
  state.databaseName = event.targetDatabase;
  state.clientProgram = event.clientProgram;
  state.loginCharset = charsetOfCollation(event.targetCollation);
  resetSession(state, event);
}

/** As after a login: its character set, the mode of the server (which nobody tells), nothing prepared. */
function resetSession(state: ConnectionState, event: AuditEvent): void {
  state.mode = sqlMode(state.loginCharset, state.mode.noBackslashEscapes, null);
  state.prepared.clear();
  state.preparedVersion = {};
  state.unnumbered = [];
  const { unread } = state;
  if (unread === null) return;
  for (const sequence of unread.keys()) if (sequence < event.sequence) unread.delete(sequence);
}
