// Hot path
import type { AuditEvent, ConnectionFacts } from './audit-event.ts';
import { eventId } from './event-id.ts';
import { isoTime } from './iso-time.ts';
import type { Statement } from './statement.ts';

/**
 * `JSON.stringify(auditJson(event, false))`, in a quarter of its time: what many events share is made once.
 *
 * @param masked The masked text as it is to appear; empty without statement.
 */
export function auditText(event: AuditEvent, masked: string): string {
  const { connection, statement } = event;
  const facts = connectionText(connection);
  const text = statement === null ? NO_STATEMENT : statementText(statement, masked);
  const { lastInsertId, ruleIds } = event;
  return (
    `{"event_time":"${isoTime(event.timeUs)}","event_id":"${eventId(connection.uid, event.sequence)}",${facts.before}` +
    `"connection_id":${event.connectionId},${facts.after}"server_version":${quoted(event.serverVersion)},` +
    `"is_tls":${event.isTls},"user_name":${quoted(event.userName)},"user_name_source":"${event.userNameSource}",` +
    `"database_name":${quoted(event.databaseName)},"client_program":${quoted(event.clientProgram)},` +
    `"command":${quoted(event.command)},${text.before}"statement_bytes":${event.statementBytes},` +
    `"statement_hash":${quoted(event.statementHash)},${text.tables}"status":"${event.status}",` +
    `"error_code":${event.errorCode},"sql_state":${quoted(event.sqlState)},` +
    `"error_message_masked":${quoted(event.errorMessageMasked)},"affected_rows":${event.affectedRows},` +
    `"returned_rows":${event.returnedRows},` +
    `"last_insert_id":${typeof lastInsertId === 'number' ? lastInsertId : quoted(lastInsertId)},` +
    `"warnings":${event.warnings},"request_bytes":${event.requestBytes},"response_bytes":${event.responseBytes},` +
    `"duration_us":${event.durationUs},"first_row_us":${event.firstRowUs},"in_transaction":${event.inTransaction},` +
    `"no_index_used":${event.noIndexUsed},"completeness":"${event.completeness}",` +
    `"rule_ids":${ruleIds.length === 0 ? '[]' : JSON.stringify(ruleIds)},"risk_level":"${event.riskLevel}"` +
    (event.statementShown === '' ? '}' : `,"statement_shown":${JSON.stringify(event.statementShown)}}`)
  );
}

interface ConnectionText {
  readonly before: string;
  readonly after: string;
}

interface StatementText {
  /** Of a text that is cut in the line: the whole one may differ where the same statement is written elsewhere. */
  readonly masked: string;
  readonly before: string;
  readonly tables: string;
}

const connectionTexts = new WeakMap<ConnectionFacts, ConnectionText>();

function connectionText(facts: ConnectionFacts): ConnectionText {
  let text = connectionTexts.get(facts);
  if (text !== undefined) return text;
  text = {
    before: `"server_id":${JSON.stringify(facts.serverId)},"connection_uid":${JSON.stringify(facts.uid)},`,
    after:
      `"client_address":${JSON.stringify(facts.clientAddress)},"client_port":${facts.clientPort},` +
      `"server_address":${JSON.stringify(facts.serverAddress)},"server_port":${facts.serverPort},`,
  };
  connectionTexts.set(facts, text);
  return text;
}

/** Longer texts are not held twice. */
const LONGEST_STATEMENT = 64 * 1024;
const statementTexts = new WeakMap<Statement, StatementText>();
const NO_STATEMENT: StatementText = {
  masked: '',
  before: '"statement_kind":"","statement_masked":"","statement_digest":"",',
  tables: '"tables":[],',
};

function statementText(statement: Statement, masked: string): StatementText {
  let text = statementTexts.get(statement);
  if (text !== undefined && text.masked === masked) return text;
  text = {
    masked,
    before:
      `"statement_kind":${JSON.stringify(statement.kind)},"statement_masked":${JSON.stringify(masked)},` +
      `"statement_digest":${JSON.stringify(statement.digest)},`,
    tables: `"tables":${JSON.stringify(statement.tables)},`,
  };
  if (masked.length <= LONGEST_STATEMENT) statementTexts.set(statement, text);
  return text;
}

/** Longer ones are seldom the same again. */
const LONGEST_KEPT = 64;
const MAX_KEPT = 4096;
const kept = new Map<string, string>();

/** A name as JSON; the same names come all the time. */
function quoted(text: string): string {
  if (text === '') return '""';
  if (text.length > LONGEST_KEPT) return JSON.stringify(text);
  let json = kept.get(text);
  if (json !== undefined) return json;
  json = JSON.stringify(text);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text, json);
  return json;
}
