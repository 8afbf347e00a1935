import { z } from 'zod';

/** Whatever arithmetic on it gives: whole and exact. */
const count = z.number().int().nonnegative();
const time = z.number().nonnegative();
const value = z.union([z.string(), z.number(), z.null()]);
const userNameSource = z.enum(['handshake', 'change_user', 'processlist', 'unknown']);
const completeness = z.enum(['complete', 'truncated', 'gap', 'midstream']);

/** Base64, or the number of a blob. */
const bytes = z.union([z.string(), count]);
export type BytesJson = z.infer<typeof bytes>;

const mode = z.object({
  charset: z.string().max(64),
  noBackslashEscapes: z.boolean().nullable(),
  ansiQuotes: z.boolean().nullable(),
});

const sql = z.object({ text: bytes, mode, loss: z.enum(['none', 'tail', 'head']) });
export type SqlJson = z.infer<typeof sql>;

const prepared = z.object({
  sql,
  statementBytes: count,
  parameters: count.nullable(),
  completeness,
  types: z.array(count.max(0xffff)).max(0xffff).nullable(),
  longData: z.array(z.tuple([count, value])).nullable(),
  hasLongData: z.boolean(),
  clientGaps: count,
});
export type PreparedJson = z.infer<typeof prepared>;

/** Prepared statements by id: a blob where they are many. */
export const preparedListSchema = z.array(z.tuple([count, prepared]));

const event = z.object({
  timeUs: time,
  sequence: count,
  connectionId: count,
  serverVersion: z.string(),
  isTls: z.boolean(),
  userName: z.string(),
  userNameSource,
  databaseName: z.string(),
  clientProgram: z.string(),
  command: z.string().max(64),
  targetDatabase: z.string(),
  targetCollation: count,
  sql: sql.nullable(),
  statementBytes: count,
  statementHash: z.string().max(64),
  status: z.enum(['ok', 'error', 'unknown']),
  errorCode: count.max(0xffff),
  sqlState: z.string().max(5),
  errorMessageMasked: z.string(),
  affectedRows: count,
  returnedRows: count,
  lastInsertId: z.union([count, z.string().regex(/^\d{1,20}$/)]),
  warnings: count,
  requestBytes: count,
  responseBytes: count,
  durationUs: z.number().nonnegative(),
  firstRowUs: z.number().nonnegative(),
  inTransaction: z.boolean(),
  noIndexUsed: z.boolean(),
  localInfileRequested: z.boolean().default(false),
  completeness,
  riskLevel: z.enum(['none', 'info', 'low', 'medium', 'high', 'critical']),
  parameters: z.array(z.union([value, z.array(value)])).nullable(),
  queryAttributes: z.record(z.string(), value).nullable(),
});
export type EventJson = z.infer<typeof event>;

/** A connection that ended: the sequence of its last message. */
export const endedSchema = z.object({ version: z.literal(2), ended: count });

/** An open connection. */
export const stateSchema = z.object({
  version: z.literal(2),
  facts: z.object({
    uid: z.string().regex(/^[0-9a-f]{32}$/),
    serverId: z.string(),
    clientAddress: z.string(),
    clientPort: count.max(0xffff),
    serverAddress: z.string(),
    serverPort: count.max(0xffff),
  }),
  edgeId: z.string(),
  runUs: time,
  lastSequence: count,
  lastUs: time,
  offeredCapabilities: count,
  capabilities: count.nullable(),
  connectionId: count,
  serverVersion: z.string(),
  isTls: z.boolean(),
  userName: z.string(),
  userNameSource,
  databaseName: z.string(),
  clientProgram: z.string(),
  mode,
  loginCharset: z.string().max(64),
  inTransaction: z.boolean(),
  clientGaps: count,
  prepared: z.union([preparedListSchema, count]),
  lastPreparedId: count,
  mayHaveMissedPrepare: z.boolean(),
  unnumbered: z.array(prepared).max(8),
  gapsAtPrepare: z.number().int().min(-1),
  login: event.nullable(),
  pending: z.array(event),
  unread: z.array(z.tuple([count, z.string()])),
  fragments: z.array(bytes),
  isFragmentCut: z.boolean(),
  fragmentSequence: count,
});
