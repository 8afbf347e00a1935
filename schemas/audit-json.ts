import type { AuditEvent } from './audit-event.ts';
import type { AuditRow } from './audit-schema.ts';
import { decodeSql } from './decode-sql.ts';
import { eventId } from './event-id.ts';
import { isoTime } from './iso-time.ts';

/**
 * An audit event with its public names: one object per line of `--format ndjson`, the same names and order as the columns
 * of the view `audit`. `schemas/audit-schema.ts` describes every field.
 *
 * `statement_shown` is there only where the masking policy shows more than `statement_masked`.
 *
 * @param keepRaw Adds the unmasked text, parameters and query attributes (`--dangerously-keep-raw`).
 */
export function auditJson(event: AuditEvent, keepRaw: boolean): AuditRow {
  const { connection, statement } = event;
  const row: AuditRow = {
    event_time: isoTime(event.timeUs),
    event_id: eventId(connection.uid, event.sequence),
    server_id: connection.serverId,
    connection_uid: connection.uid,
    connection_id: event.connectionId,
    client_address: connection.clientAddress,
    client_port: connection.clientPort,
    server_address: connection.serverAddress,
    server_port: connection.serverPort,
    server_version: event.serverVersion,
    is_tls: event.isTls,
    user_name: event.userName,
    user_name_source: event.userNameSource,
    database_name: event.databaseName,
    client_program: event.clientProgram,
    command: event.command,
    statement_kind: statement === null ? '' : statement.kind,
    statement_masked: statement === null ? '' : statement.masked,
    statement_digest: statement === null ? '' : statement.digest,
    statement_bytes: event.statementBytes,
    statement_hash: event.statementHash,
    tables: statement === null ? NO_TABLES : statement.tables,
    status: event.status,
    error_code: event.errorCode,
    sql_state: event.sqlState,
    error_message_masked: event.errorMessageMasked,
    affected_rows: event.affectedRows,
    returned_rows: event.returnedRows,
    last_insert_id: event.lastInsertId,
    warnings: event.warnings,
    request_bytes: event.requestBytes,
    response_bytes: event.responseBytes,
    duration_us: event.durationUs,
    first_row_us: event.firstRowUs,
    in_transaction: event.inTransaction,
    no_index_used: event.noIndexUsed,
    completeness: event.completeness,
    rule_ids: event.ruleIds,
    risk_level: event.riskLevel,
  };
  if (keepRaw) {
    row.statement_raw = rawText(event);
    row.parameters = event.parameters ?? [];
    row.query_attributes = event.queryAttributes ?? {};
  }
  if (event.statementShown !== '') row.statement_shown = event.statementShown;
  return row;
}

const NO_TABLES: readonly string[] = [];

/** The unmasked text of an event, empty where it has none. */
export function rawText(event: AuditEvent): string {
  return event.sql === null ? '' : decodeSql(event.sql);
}
