import { z } from 'zod';

const count = z.number().int().nonnegative();
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const severity = z.enum(['info', 'low', 'medium', 'high', 'critical']);

/** Bounds of an alert: one finding is 2 KiB as JSON, 20 with the longest names and texts there can be are some 400 KiB. */
export const ALERT_BOUNDS = {
  findings: 20,
  rules: 8,
  samples: 3,
  /** Characters of a sample's masked statement. */
  statement: 500,
} as const;

/** Why a finding alerts: nobody has heard of it, it became graver, or it happened ten times as often as when it was told last. */
const ALERT_REASONS = ['new', 'severity', 'count'] as const;
export type AlertReason = (typeof ALERT_REASONS)[number];

/** A finding as it was when the alert was made: all its parts together. Names are those of `mysql.findings.v1`. */
const alertFindingSchema = z.object({
  finding_id: z.string(),
  reason: z.enum(ALERT_REASONS).describe('Why it alerts: new, graver than told before, ten times as many events'),
  area: z.string().describe('What the ids of its rules begin with'),
  rule_id: z.string().describe('The gravest of its rules'),
  rule_title: z.string(),
  rule_description: z.string().describe('What that rule looks for; empty where it is not known'),
  severity,
  score: z.number().int().min(0).max(100),
  database_name: z.string().describe('The default schema; empty when none, unknown or many'),
  client_program: z.string(),
  first_seen: time,
  last_seen: time,
  events: count.describe('Events that matched so far'),
  accepted: count.describe('Of these, how many the server carried out'),
  errors: count.describe('Of these, how many ended with an error'),
  returned_rows: count,
  affected_rows: count,
  attack_tags: z.array(z.string()).describe('MITRE ATT&CK tactics and techniques, such as attack.t1190'),
  tables: z.array(z.string()),
  rules: z
    .array(z.object({ rule_id: z.string(), title: z.string(), severity, events: count }))
    .max(ALERT_BOUNDS.rules)
    .describe('Rules that matched, the gravest first'),
  samples: z
    .array(
      z.object({
        event_time: time,
        event_id: z.string(),
        connection_uid: z.string(),
        statement_masked: z.string().max(ALERT_BOUNDS.statement).describe('Masked, and only its beginning'),
        statement_digest: z.string(),
        error_code: count,
      }),
    )
    .max(ALERT_BOUNDS.samples),
});
export type AlertFinding = z.infer<typeof alertFindingSchema>;

/** Alerts of one sink that were not sent one by one, summed up. */
export const alertSummarySchema = z.object({
  alerts: count.describe('Alerts that were not sent'),
  throttled: count.describe('Of these, beyond what the sink may get in a minute'),
  queue_full: count.describe('Of these, beyond what may wait for the sink'),
  findings: count.describe('Findings in them'),
  from: time.describe('When the first of them was made'),
  until: time,
  severities: z.partialRecord(severity, count).describe('Alerts by severity'),
  rules: z.record(z.string(), count).describe('Findings by rule: 30 rules, the others as `other`'),
  accounts: z.record(z.string(), count).describe('Alerts by account, client and server: 20, the others as `other`'),
  finding_ids: z.array(z.string()).max(100).describe('The first of them'),
});
export type AlertSummary = z.infer<typeof alertSummarySchema>;

/**
 * What an alert sink is given, and the body of a webhook: what one account did from one client to one server within one window.
 * Nothing in it is unmasked SQL.
 */
export const alertSchema = z.object({
  format: z.literal('sqltrail.alert.v1'),
  alert_id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('The same whenever the alert is sent again: who has seen it may drop it'),
  kind: z.enum(['finding', 'summary', 'test']),
  time: time.describe('When it was made'),
  severity: severity.describe('The gravest of its findings'),
  title: z.string().describe('One line'),
  server_id: z.string(),
  user_name: z.string().describe('The account; empty when unknown or many'),
  client_address: z.string(),
  window_start: time.describe('Of the findings, in capture time'),
  window_end: time,
  findings: z.array(alertFindingSchema).max(ALERT_BOUNDS.findings).describe('The gravest first'),
  summary: alertSummarySchema.nullable().describe('Of kind summary'),
  investigations: z.array(z.string()).describe('Commands that show what happened'),
  url: z.string().nullable().describe('Made of alerts.url_template'),
});
export type Alert = z.infer<typeof alertSchema>;
