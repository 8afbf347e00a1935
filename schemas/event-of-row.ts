// Hot path
import { AuditEvent, type ConnectionFacts } from './audit-event.ts';
import type { AuditRow } from './audit-schema.ts';
import { eventSequence } from './event-sequence.ts';
import { parseIsoTime } from './parse-iso-time.ts';
import { SqlText } from './sql-text.ts';
import type { ParseOutcome, Statement } from './statement.ts';

/** Connections and statements remembered at once; beyond it they are forgotten and learnt anew. */
const MAX_KNOWN = 20_000;
/** And characters of these statements together. */
const MAX_KNOWN_CHARACTERS = 16 * 1024 * 1024;
const LONGEST_KNOWN = 64 * 1024;
/** Of a connection's names and addresses; ours are shorter. */
const LONGEST_FACTS = 1024;

/**
 * The inverse of `auditJson`. Events of a connection share its facts, and those with the same text its Statement.
 *
 * @param row With the types of an audit row.
 * @returns null where time or id are none, or not of this connection.
 */
export function eventOfRow(row: AuditRow, parseOutcome: ParseOutcome): AuditEvent | null {
  const timeUs = parseIsoTime(row.event_time);
  const sequence = eventSequence(row.connection_uid, row.event_id);
  if (timeUs === null || sequence === null) return null;
  const event = new AuditEvent(connectionOf(row));
  event.timeUs = timeUs;
  event.sequence = sequence;
  event.connectionId = row.connection_id;
  event.serverVersion = row.server_version;
  event.isTls = row.is_tls;
  event.userName = row.user_name;
  event.userNameSource = row.user_name_source;
  event.databaseName = row.database_name;
  event.clientProgram = row.client_program;
  event.command = row.command;
  event.statement = row.statement_digest === '' ? null : statementOf(row, parseOutcome);
  event.statementBytes = row.statement_bytes;
  event.statementHash = row.statement_hash;
  event.status = row.status;
  event.errorCode = row.error_code;
  event.sqlState = row.sql_state;
  event.errorMessageMasked = row.error_message_masked;
  event.affectedRows = row.affected_rows;
  event.returnedRows = row.returned_rows;
  event.lastInsertId = row.last_insert_id;
  event.warnings = row.warnings;
  event.requestBytes = row.request_bytes;
  event.responseBytes = row.response_bytes;
  event.durationUs = row.duration_us;
  event.firstRowUs = row.first_row_us;
  event.inTransaction = row.in_transaction;
  event.noIndexUsed = row.no_index_used;
  event.completeness = row.completeness;
  event.ruleIds = row.rule_ids;
  event.riskLevel = row.risk_level;
  event.statementShown = row.statement_shown ?? '';
  if (row.statement_raw !== undefined) addRaw(event, row);
  return event;
}

const RAW_MODE = { charset: 'utf8mb4', noBackslashEscapes: null, ansiQuotes: null };

function addRaw(event: AuditEvent, row: AuditRow): void {
  const bytes = Buffer.from(row.statement_raw ?? '');
  if (bytes.length > 0) event.sql = new SqlText(bytes, 0, bytes.length, RAW_MODE);
  event.parameters = row.parameters ?? null;
  event.queryAttributes = row.query_attributes ?? null;
}

/** Read lately, by uid and by digest: so that what stores them finds the same object again. */
const connections = new Map<string, ConnectionFacts>();
const statements = new Map<string, Statement>();
let statementCharacters = 0;

function connectionOf(row: AuditRow): ConnectionFacts {
  const known = connections.get(row.connection_uid);
  if (
    known !== undefined &&
    known.clientPort === row.client_port &&
    known.clientAddress === row.client_address &&
    known.serverId === row.server_id &&
    known.serverPort === row.server_port &&
    known.serverAddress === row.server_address
  )
    return known;
  const facts: ConnectionFacts = {
    uid: row.connection_uid,
    serverId: row.server_id,
    clientAddress: row.client_address,
    clientPort: row.client_port,
    serverAddress: row.server_address,
    serverPort: row.server_port,
  };
  if (facts.serverId.length + facts.clientAddress.length + facts.serverAddress.length > LONGEST_FACTS) return facts;
  if (connections.size >= MAX_KNOWN) connections.clear();
  connections.set(facts.uid, facts);
  return facts;
}

function statementOf(row: AuditRow, parseOutcome: ParseOutcome): Statement {
  const known = statements.get(row.statement_digest);
  if (
    known !== undefined &&
    known.masked === row.statement_masked &&
    known.kind === row.statement_kind &&
    known.parse === parseOutcome &&
    areEqual(known.tables, row.tables)
  )
    return known;
  const statement: Statement = {
    digest: row.statement_digest,
    masked: row.statement_masked,
    kind: row.statement_kind,
    tables: row.tables,
    parse: parseOutcome,
  };
  const characters = charactersOf(statement);
  if (characters > LONGEST_KNOWN) return statement;
  if (known !== undefined) statementCharacters -= charactersOf(known);
  if (statements.size >= MAX_KNOWN || statementCharacters + characters > MAX_KNOWN_CHARACTERS) {
    statements.clear();
    statementCharacters = 0;
  }
  statements.set(statement.digest, statement);
  statementCharacters += characters;
  return statement;
}

function charactersOf({ masked, kind, tables }: Statement): number {
  let characters = masked.length + kind.length;
  for (const table of tables) characters += table.length;
  return characters;
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
