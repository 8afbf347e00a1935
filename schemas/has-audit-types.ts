// Hot path
import type { AuditRow } from './audit-schema.ts';
import { isAttributes, isParameters } from './is-parameters.ts';

const UID = /^[0-9a-f]{32}$/;
const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const DIGITS = /^\d{1,20}$/;

/** Whether parsed JSON is an audit row as `auditSchema` says; unknown fields are let through. zod takes ten times as long. */
export function hasAuditTypes(value: unknown): value is AuditRow {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as AuditRow;
  return (
    typeof row.event_time === 'string' &&
    typeof row.event_id === 'string' &&
    ID.test(row.event_id) &&
    typeof row.server_id === 'string' &&
    typeof row.connection_uid === 'string' &&
    UID.test(row.connection_uid) &&
    isCount(row.connection_id) &&
    typeof row.client_address === 'string' &&
    isCount(row.client_port) &&
    row.client_port <= 65535 &&
    typeof row.server_address === 'string' &&
    isCount(row.server_port) &&
    row.server_port <= 65535 &&
    typeof row.server_version === 'string' &&
    typeof row.is_tls === 'boolean' &&
    typeof row.user_name === 'string' &&
    typeof row.database_name === 'string' &&
    typeof row.client_program === 'string' &&
    typeof row.command === 'string' &&
    typeof row.statement_kind === 'string' &&
    typeof row.statement_masked === 'string' &&
    typeof row.statement_digest === 'string' &&
    (row.statement_digest === '' || UID.test(row.statement_digest)) &&
    isCount(row.statement_bytes) &&
    typeof row.statement_hash === 'string' &&
    isStrings(row.tables) &&
    isCount(row.error_code) &&
    row.error_code <= 65535 &&
    typeof row.sql_state === 'string' &&
    typeof row.error_message_masked === 'string' &&
    isCount(row.affected_rows) &&
    isCount(row.returned_rows) &&
    (isCount(row.last_insert_id) || (typeof row.last_insert_id === 'string' && DIGITS.test(row.last_insert_id))) &&
    isCount(row.warnings) &&
    isCount(row.request_bytes) &&
    isCount(row.response_bytes) &&
    isCount(row.duration_us) &&
    isCount(row.first_row_us) &&
    typeof row.in_transaction === 'boolean' &&
    typeof row.no_index_used === 'boolean' &&
    isStrings(row.rule_ids) &&
    (row.status === 'ok' || row.status === 'error' || row.status === 'unknown') &&
    COMPLETENESS.has(row.completeness) &&
    USER_NAME_SOURCES.has(row.user_name_source) &&
    RISK_LEVELS.has(row.risk_level) &&
    (row.statement_raw === undefined || typeof row.statement_raw === 'string') &&
    (row.parameters === undefined || isParameters(row.parameters)) &&
    (row.query_attributes === undefined || isAttributes(row.query_attributes)) &&
    (row.statement_shown === undefined || typeof row.statement_shown === 'string')
  );
}

const COMPLETENESS: ReadonlySet<unknown> = new Set(['complete', 'truncated', 'gap', 'midstream']);
const USER_NAME_SOURCES: ReadonlySet<unknown> = new Set(['unknown', 'handshake', 'processlist', 'change_user']);
const RISK_LEVELS: ReadonlySet<unknown> = new Set(['none', 'info', 'low', 'medium', 'high', 'critical']);

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isStrings(value: unknown): value is string[] {
  if (!Array.isArray(value)) return false;
  for (const item of value) if (typeof item !== 'string') return false;
  return true;
}
