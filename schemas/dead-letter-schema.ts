import { z } from 'zod';

const count = z.number().int().nonnegative();

/**
 * One value of `mysql.dead-letter.v1`: which record could not be read or stored, where, and why. Never its contents: those are at
 * the origin, as long as that topic keeps them. Documentation and test oracle; `topics read` and `deadletter` read by it.
 */
export const deadLetterSchema = z.object({
  time: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    .describe('When the record was kept at its origin: ISO 8601, UTC'),
  stage: z.string().max(64).describe('The stage that gave it up'),
  reason: z.string().max(256).describe('What was wrong, in words'),
  error_code: z.string().max(64).describe('The same as a code: of sqltrail, or of ClickHouse where that refused a row'),
  topic: z.string().max(249).describe('Where the record is'),
  partition: count,
  offset: count,
  line: count
    .nullish()
    .describe('Where the value is newline-delimited: which line, from 0; without it the whole record'),
  bytes: count.describe('Length of the record, or of the line'),
  further_lines: count
    .optional()
    .describe(
      'Lines behind this one that are bad too: a record gets 101 letters at most, and the last one counts the rest',
    ),
  server_id: z.string().optional().describe('The MySQL server, where that could still be told'),
  event_id: z.string().optional().describe('The audit event that was refused, where it is one'),
});

export type DeadLetterRow = z.infer<typeof deadLetterSchema>;
