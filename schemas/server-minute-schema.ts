import { z } from 'zod';
import { CHANNELS } from './server-minute.ts';

const count = z.number().int().nonnegative();

/** A line of `mysql.ledger.v1` on what a server says that it did in a minute. */
export const serverMinuteSchema = z.object({
  kind: z.literal('server'),
  server_id: z.string(),
  minute_ms: count.describe('Start of the minute, ms since the epoch; by the clock of the watcher'),
  origin: z.string().describe("Who read: the watcher's run"),
  measured_ms: count.max(60_000).describe('How much of the minute lies between two readings of one life of the server'),
  uncertainty_ms: count.describe('How far from the ends of the minute the readings were that it is cut at'),
  restarts: count.describe('How often the server was seen to have started anew'),
  flushes: count.describe('How often counters were seen to have been set back (FLUSH STATUS)'),
  questions: count.describe('Gain of the status variable Questions: statements of clients'),
  queries: count.describe('Gain of Queries: also PREPARE, CLOSE, PING and what runs within stored programs'),
  connections: count.describe('Gain of Connections: also refused logins and threads of events'),
  aborted_connects: count,
  bytes_received: count,
  bytes_sent: count,
  ssl_accepts: count,
  own_questions: count.describe('Of questions, those of the watcher itself'),
  peak_per_second: count.describe('The most questions a second between two readings, on average between these'),
  commands: z.record(z.string(), count).describe('Gains of Com_… by the rest of the name, without zeros'),
  channels: z
    .partialRecord(z.enum(CHANNELS), count)
    .describe("Of questions without own_questions: how they came, as far as the server tells; the rest isn't known"),
  version: count.describe('Grows with each change: the greatest of a server, minute and origin counts'),
});

export type ServerMinuteRow = z.infer<typeof serverMinuteSchema>;
