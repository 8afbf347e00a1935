import { z } from 'zod';

const line = (most: number) => z.string().trim().min(1).max(most);
const level = z.enum(['info', 'low', 'medium', 'high', 'critical']);

const fieldValue = z.union([z.string().max(1024), z.number(), z.boolean()]);
/** `field|modifier: value` or a list of values, any of which will do. */
const fields = z.record(z.string().min(1).max(64), z.union([fieldValue, z.array(fieldValue).min(1).max(256)]));
const selection = z.union([fields, z.array(fields).min(1).max(32)]);

/** What happened in an example: the statement, and of the event whatever else matters. */
const sampleEvent = z.strictObject({
  sql: z.string().max(65_536).optional().describe('The statement as sent; without it the event has none'),
  charset: z.string().max(32).optional().describe('Character set of the connection, utf8mb4 without it'),
  sql_mode: z.array(z.enum(['ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES'])).optional(),
  command: z.string().max(32).optional().describe('query without it, connect where there is no sql'),
  user_name: z.string().max(256).optional(),
  database_name: z.string().max(256).optional(),
  client_address: z.string().max(64).optional(),
  client_program: z.string().max(256).optional(),
  is_tls: z.boolean().optional(),
  error_code: z.int().min(0).max(65_535).optional(),
  error_message: z.string().max(4096).optional().describe("The server's message as sent, unmasked"),
  local_infile_requested: z.boolean().optional().describe('The server asked the client for a file'),
  returned_rows: z.int().min(0).optional(),
  affected_rows: z.int().min(0).optional(),
  response_bytes: z.int().min(0).optional(),
  duration_us: z.int().min(0).optional(),
});
const sample = z.union([z.string().min(1).max(65_536), sampleEvent]);

/** A rule file as written: Sigma's keys, `signal`, `escalate` and `samples` beside them. docs/rules.md explains each. */
export const ruleFileSchema = z.strictObject({
  title: line(120).describe('What was found, in a few words'),
  id: z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, 'must be area.name in lower case')
    .describe('The name in rule_ids and findings; never changes'),
  status: z.enum(['stable', 'test', 'experimental']),
  level: level.describe('How bad one match is'),
  escalate: z
    .partialRecord(level, line(1024))
    .optional()
    .describe('Level → condition over the same selections, under which a match is as bad as that'),
  description: line(4096),
  references: z.array(z.url()).max(16).optional(),
  tags: z
    .array(z.string().regex(/^[a-z0-9_-]+\.[a-z0-9_.-]+$/, 'must be as attack.t1190'))
    .max(16)
    .optional(),
  logsource: z.strictObject({ category: z.literal('database'), product: z.literal('mysql') }),
  signal: z.enum(['statement', 'response', 'protocol', 'scheduled']),
  falsepositives: z.array(line(512)).max(16).optional(),
  detection: z
    .object({
      scheduled: z
        .string()
        .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be the name of a query')
        .optional()
        .describe('sql/detections/NAME.sql makes findings of this rule, beside or without a condition'),
      condition: line(1024).optional().describe('Over the selections: and, or, not, 1 of x*, all of them'),
    })
    .catchall(selection),
  samples: z
    .strictObject({
      matching: z.array(sample).min(1).max(64),
      not_matching: z.array(sample).min(1).max(64),
    })
    .optional()
    .describe('Tried by `sqltrail rules test`; only a scheduled rule may do without'),
});

export type RuleFile = z.infer<typeof ruleFileSchema>;
export type RuleSample = z.infer<typeof sample>;
