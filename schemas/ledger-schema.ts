import { z } from 'zod';
import { connectionIdentitySchema } from './connection-identity-schema.ts';
import { LOSS_REASONS } from './ledger.ts';
import { serverMinuteSchema } from './server-minute-schema.ts';

const count = z.number().int().nonnegative();
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

const ledgerCountSchema = z.object({
  kind: z.literal('count'),
  stage: z.enum(['edge', 'decode', 'identify', 'mask', 'detect', 'store', 'alert', 'watch']),
  origin: z.string().describe("Who counts: an edge's run, or the partition a stage reads (mysql.messages.v1/3)"),
  ordinal: count.describe(
    'Numbers the entries of an origin: a later line with the same stage, origin and ordinal replaces',
  ),
  server_id: z.string().describe('The MySQL server; empty where a record was too broken to tell'),
  minute_ms: count.describe('Start of the minute, ms since the epoch; capture time'),
  unit: z.enum(['packets', 'connections', 'bytes', 'messages', 'records', 'events', 'alerts', 'seconds', 'readings']),
  taken_in: count.describe('= passed_on + open + all of lost'),
  passed_on: count,
  open: count.describe('Taken in and still in work'),
  lost: z.partialRecord(z.enum(LOSS_REASONS), count).describe('Where the rest went'),
  impaired: z
    .partialRecord(z.enum(['truncated', 'gap', 'midstream']), count)
    .describe('Of what was passed on, how much is not whole; no part of the sum'),
  version: count.describe('Grows with each change: the greatest of an entry counts'),
});

export const ledgerLossSchema = z.object({
  kind: z.literal('loss'),
  loss_time: time.describe('Capture time'),
  loss_id: z.guid().describe('The same under replay'),
  server_id: z.string(),
  connection_uid: z.string().regex(/^[0-9a-f]{32}$/),
  client_address: z.string(),
  client_port: count.max(65_535),
  server_address: z.string(),
  server_port: count.max(65_535),
  reason: z.enum(['gap', 'tls', 'unreadable']),
  from_client: z.boolean().describe('Which half of the connection'),
  from_byte: count.describe('Offset of the first missing byte in that half; 0 where several spans are summed up'),
  bytes: count,
});

/** One line of `mysql.ledger.v1`: totals of a minute, a span that is missing, or what a server says it did. Documentation and test oracle. */
export const ledgerLineSchema = z.discriminatedUnion('kind', [
  ledgerCountSchema,
  ledgerLossSchema,
  serverMinuteSchema,
  connectionIdentitySchema,
]);

export type CountRow = z.infer<typeof ledgerCountSchema>;
export type LossRow = z.infer<typeof ledgerLossSchema>;
