import type { AuditEvent } from '../../schemas/audit-event.ts';
import { SqlText } from '../../schemas/sql-text.ts';
import { ConnectionState, copyOf } from './connection-state.ts';
import { PreparedStatement } from './prepared-statement.ts';

/**
 * State of a connection as JSON text, version 1. Buffers are base64. It holds unmasked text (statements that were prepared or
 * still run), so it belongs where the raw messages are and nowhere else.
 */
const VERSION = 1;

export function writeState(state: ConnectionState): string {
  const { prepared, unnumbered, login, pending, unread, fragments, ...plain } = state;
  return JSON.stringify({
    version: VERSION,
    ...plain,
    prepared: [...prepared].map(([id, statement]) => [id, preparedJson(statement)]),
    unnumbered: unnumbered === null ? null : preparedJson(unnumbered),
    login: login === null ? null : eventJson(login),
    pending: pending.map(eventJson),
    unread: [...unread].map(([sequence, payload]) => [sequence, payload.toString('base64')]),
    fragments: fragments.map((fragment) => fragment.toString('base64')),
  });
}

/** @returns null when the text is no state of this version. */
export function readState(text: string): ConnectionState | null {
  try {
    const { version, facts, prepared, unnumbered, login, pending, unread, fragments, ...plain } = JSON.parse(text);
    if (version !== VERSION) return null;
    const state = new ConnectionState(facts);
    Object.assign(state, plain);
    for (const [id, statement] of prepared) state.prepared.set(id, readPrepared(statement));
    const events = (pending as EventJson[]).map((event) => readEvent(state, event));
    state.pending.push(...events);
    state.unnumbered = unnumbered === null ? null : readPrepared(unnumbered);
    for (const [sequence, payload] of unread) state.unread.set(sequence, Buffer.from(payload, 'base64'));
    state.login = login === null ? null : readEvent(state, login);
    state.fragments = (fragments as string[]).map((fragment) => Buffer.from(fragment, 'base64'));
    return state;
  } catch {
    // From a topic that others may have written to.
    return null;
  }
}

interface SqlJson {
  text: string;
  mode: SqlText['mode'];
  loss: SqlText['loss'];
}

function sqlJson(sql: SqlText): SqlJson {
  return { text: sql.bytes.toString('base64', sql.start, sql.end), mode: sql.mode, loss: sql.loss };
}

function readSql(json: SqlJson): SqlText {
  const bytes = Buffer.from(json.text, 'base64');
  return new SqlText(bytes, 0, bytes.length, json.mode, json.loss);
}

function preparedJson(statement: PreparedStatement) {
  return {
    sql: sqlJson(statement.sql),
    statementBytes: statement.statementBytes,
    parameters: statement.parameters,
    types: statement.types === null ? null : [...statement.types],
    longData: statement.longData === null ? null : [...statement.longData],
    hasLongData: statement.hasLongData,
    clientGaps: statement.clientGaps,
  };
}

function readPrepared(json: ReturnType<typeof preparedJson>): PreparedStatement {
  const statement = new PreparedStatement(copyOf(readSql(json.sql)), json.statementBytes, json.parameters);
  statement.types = json.types === null ? null : Uint16Array.from(json.types);
  statement.longData = json.longData === null ? null : new Map(json.longData);
  statement.hasLongData = json.hasLongData;
  statement.clientGaps = json.clientGaps;
  return statement;
}

/** An event that waits for its response; what only the response or a later stage sets is not there yet. */
function eventJson(event: AuditEvent) {
  const { connection: _, sql, statement: __, errorMessage: ___, ...plain } = event;
  return { ...plain, sql: sql === null ? null : sqlJson(sql) };
}
type EventJson = ReturnType<typeof eventJson>;

function readEvent(state: ConnectionState, json: EventJson): AuditEvent {
  const event = state.newEvent(json.command, json.sequence, json.timeUs);
  const { sql, ...plain } = json;
  Object.assign(event, plain);
  event.sql = sql === null ? null : readSql(sql);
  return event;
}
