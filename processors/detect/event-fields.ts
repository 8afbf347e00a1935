import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { Statement } from '../../schemas/statement.ts';

/** A field of the audit event that rules may look at. */
export type EventField =
  | { readonly type: 'text'; readonly read: (event: AuditEvent) => string }
  | { readonly type: 'number'; readonly read: (event: AuditEvent) => number }
  | { readonly type: 'flag'; readonly read: (event: AuditEvent) => boolean };

/** A field that is the same for all events with one statement, so that what rules make of it is worked out once. */
export interface StatementField {
  readonly read: (statement: Statement) => string | readonly string[];
}

/** By their public names (`schemas/audit-schema.ts`). */
export const STATEMENT_FIELDS: ReadonlyMap<string, StatementField> = new Map<string, StatementField>([
  ['statement_kind', { read: (statement) => statement.kind }],
  ['statement_masked', { read: (statement) => statement.masked }],
  ['statement_digest', { read: (statement) => statement.digest }],
  ['tables', { read: (statement) => statement.tables }],
]);

const text = (read: (event: AuditEvent) => string): EventField => ({ type: 'text', read });
const number = (read: (event: AuditEvent) => number): EventField => ({ type: 'number', read });
const flag = (read: (event: AuditEvent) => boolean): EventField => ({ type: 'flag', read });

export const EVENT_FIELDS: ReadonlyMap<string, EventField> = new Map<string, EventField>([
  ['server_id', text((event) => event.connection.serverId)],
  ['server_version', text((event) => event.serverVersion)],
  ['client_address', text((event) => event.connection.clientAddress)],
  ['client_program', text((event) => event.clientProgram)],
  ['user_name', text((event) => event.userName)],
  ['user_name_source', text((event) => event.userNameSource)],
  ['database_name', text((event) => event.databaseName)],
  ['is_tls', flag((event) => event.isTls)],
  ['command', text((event) => event.command)],
  ['status', text((event) => event.status)],
  ['error_code', number((event) => event.errorCode)],
  ['sql_state', text((event) => event.sqlState)],
  ['error_message_masked', text((event) => event.errorMessageMasked)],
  ['statement_bytes', number((event) => event.statementBytes)],
  ['affected_rows', number((event) => event.affectedRows)],
  ['returned_rows', number((event) => event.returnedRows)],
  ['warnings', number((event) => event.warnings)],
  ['request_bytes', number((event) => event.requestBytes)],
  ['response_bytes', number((event) => event.responseBytes)],
  ['duration_us', number((event) => event.durationUs)],
  ['first_row_us', number((event) => event.firstRowUs)],
  ['in_transaction', flag((event) => event.inTransaction)],
  ['no_index_used', flag((event) => event.noIndexUsed)],
  ['completeness', text((event) => event.completeness)],
]);
