import { z } from 'zod';

const count = z.number().int().nonnegative();
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

/**
 * One finding of a rule: what one account did from one client to one database within one window, summed up, so that a scan of
 * thousands of statements is one finding. A later one with the same `finding_id` replaces it: counts and times grow. One object
 * per record of `mysql.findings.v1`, key = `finding_id`. Nothing writes it yet: the stage `detect` will.
 */
export const findingSchema = z.object({
  finding_id: z.guid().describe('Made of rule, server, account, client, database and window: the same under replay'),
  rule_id: z.string().min(1).describe('As in rule_ids of the audit events'),
  rule_title: z.string(),
  server_id: z.string().describe('The MySQL server'),
  user_name: z.string().describe('The account; empty when unknown'),
  client_address: z.string().describe('IPv4 dotted or IPv6 (RFC 5952)'),
  database_name: z.string().describe('The default schema; empty when none or unknown'),
  window_start: time.describe('ISO 8601, UTC, microseconds; capture time'),
  window_end: time.describe('The first time behind the window'),
  first_seen: time.describe('Time of the first event that matched'),
  last_seen: time.describe('Time of the last event that matched'),
  events: count.describe('Events that matched'),
  errors: count.describe('Of these, how many ended with an error'),
  returned_rows: count.describe('Rows returned by these events'),
  affected_rows: count.describe('Rows changed by these events'),
  severity: z.enum(['info', 'low', 'medium', 'high', 'critical']),
  score: z.number().min(0).max(100).describe('Risk, 0 to 100'),
  sample_digests: z
    .array(z.string().regex(/^[0-9a-f]{32}$/))
    .max(10)
    .describe('statement_digest of some of the events'),
  attack_tags: z.array(z.string()).max(32).describe('MITRE ATT&CK tactics and techniques, such as attack.t1190'),
});

export type Finding = z.infer<typeof findingSchema>;
