import { z } from 'zod';

const count = z.number().int().nonnegative();
const port = z.number().int().min(0).max(65535);
const parameter = z.union([z.string(), z.number(), z.null()]);

/**
 * One audit event as people and programs see it: one line of `--format ndjson`, one row of the view `audit`.
 * The documentation of the fields and the oracle of the tests; nothing on the hot path runs it.
 */
export const auditSchema = z.strictObject({
  event_time: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    .describe("When the command's first packet was captured: ISO 8601, UTC, microseconds"),
  event_id: z
    .guid()
    .describe(
      'Made of connection_uid and the position in the connection: the same when the same packets are read again',
    ),
  server_id: z.string().describe('The MySQL server, by default its address and port'),
  connection_uid: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('The captured connection, unique over all servers and times'),
  connection_id: count.describe("The server's own thread id (Id in SHOW PROCESSLIST); 0 when unknown"),
  client_address: z.string().describe('IPv4 dotted or IPv6 (RFC 5952)'),
  client_port: port,
  server_address: z.string().describe('IPv4 dotted or IPv6 (RFC 5952)'),
  server_port: port,
  server_version: z.string().describe('As the server greets; empty when its greeting was not seen'),
  is_tls: z.boolean().describe('The connection went into TLS: what follows in it is not readable'),
  user_name: z.string().describe('Empty when unknown'),
  user_name_source: z
    .enum(['unknown', 'handshake', 'processlist', 'change_user'])
    .describe('How user_name became known'),
  database_name: z.string().describe('The default schema when the command was sent; empty when none or unknown'),
  client_program: z.string().describe("The client's program_name connection attribute; a client can claim anything"),
  command: z.string().describe("The protocol's command in lower case without COM_ and STMT_, or connect for a login"),
  statement_kind: z.string().describe('Verb of the statement, such as select or create_table; empty without statement'),
  statement_masked: z.string().describe('The statement without any literal; for execute the text of its prepare'),
  statement_digest: z
    .string()
    .regex(/^([0-9a-f]{32})?$/)
    .describe('Equal for statements that differ in literals only'),
  statement_bytes: count.describe("True length of the statement's text in bytes, also where it was cut"),
  statement_hash: z.string().describe('SHA-256 of the whole text where it was cut for its length, else empty'),
  tables: z.array(z.string()).readonly().describe('db.table or table, in order of appearance'),
  status: z.enum(['ok', 'error', 'unknown']).describe('unknown: no response was seen'),
  error_code: count.max(65535).describe("The server's error number; 0 without error"),
  sql_state: z.string().describe('Five characters; empty without error'),
  error_message_masked: z.string().describe("The server's message without the values it quotes"),
  affected_rows: count,
  returned_rows: count.describe('Over all results of the command'),
  last_insert_id: z.union([count, z.string().regex(/^\d{1,20}$/)]).describe('A string beyond 2^53'),
  warnings: count,
  request_bytes: count,
  response_bytes: count,
  duration_us: count.describe('To the last byte of the response; 0 when none was seen'),
  first_row_us: count.describe('To the first row or, without rows, the first byte of the response'),
  in_transaction: z.boolean(),
  no_index_used: z.boolean(),
  completeness: z.enum(['complete', 'truncated', 'gap', 'midstream']).describe('Whether all of the command was seen'),
  rule_ids: z.array(z.string()).readonly().describe('The rules this event matched'),
  risk_level: z
    .enum(['none', 'info', 'low', 'medium', 'high', 'critical'])
    .describe('The highest level of the matched rules'),
  statement_raw: z.string().optional().describe('Only with --dangerously-keep-raw: the statement with its literals'),
  parameters: z
    .array(z.union([parameter, z.array(parameter)]))
    .optional()
    .describe('Only with --dangerously-keep-raw: the bound values in order; for bulk_execute a list of rows'),
  query_attributes: z.record(z.string(), parameter).optional().describe('Only with --dangerously-keep-raw'),
  statement_shown: z
    .string()
    .optional()
    .describe('The statement as the masking policy shows it; only where that is more than statement_masked'),
});

/**
 * What the view `audit` has behind the fields of an event: when a user out of the process list became known, whether the database was
 * captured or is out of the process list too, and the user that the event itself had.
 */
export const LATE_COLUMNS = ['user_known_at', 'database_name_source', 'user_name_captured'] as const;

export type AuditRow = z.infer<typeof auditSchema>;
