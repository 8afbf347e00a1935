import { z } from 'zod';

/** Bounds of what a finding shows of the events behind it. */
export const FINDING_BOUNDS = {
  rules: 64,
  samples: 24,
  tags: 32,
  tables: 16,
  /** Characters of a sample's masked statement, and of its masked error message. */
  statement: 1000,
  message: 300,
  title: 120,
} as const;

const count = z.number().int().nonnegative();
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const severity = z.enum(['info', 'low', 'medium', 'high', 'critical']);
const tags = z.array(z.string().max(64)).max(FINDING_BOUNDS.tags);
const ruleId = z.string().min(1).max(64);

/** What one rule found within the finding. */
const findingRuleSchema = z.object({
  rule_id: ruleId.describe('As in rule_ids of the audit events'),
  title: z.string().max(FINDING_BOUNDS.title),
  severity: severity.describe('The worst that the rule said of one event'),
  confidence: z.number().min(0).max(1).describe('How sure a match of the rule is: its status as a number'),
  attack_tags: tags.describe('MITRE ATT&CK tactics and techniques, such as attack.t1190'),
  events: count.describe('Events that the rule matched'),
  first_seen: time,
  last_seen: time,
});

/** One of the events: of the first statements, and the first of each rule. Never more of a statement than its masked text. */
const findingSampleSchema = z.object({
  event_time: time,
  event_id: z.guid(),
  connection_uid: z.string().regex(/^[0-9a-f]{32}$/),
  command: z.string().max(64),
  statement_digest: z
    .string()
    .regex(/^([0-9a-f]{32})?$/)
    .describe('Empty where the command has no text'),
  statement_masked: z.string().max(FINDING_BOUNDS.statement).describe('Its beginning, where it is longer'),
  rule_ids: z.array(ruleId).max(FINDING_BOUNDS.rules),
  error_code: count,
  error_message_masked: z.string().max(FINDING_BOUNDS.message),
  returned_rows: count,
});

/**
 * A part of a finding: what one origin saw of it. A finding is what one account did from one client to one database of one server
 * within one hour that rules of one area (`sqli`, `recon`, …) matched, so that an injection campaign of thousands of statements,
 * by whatever techniques, is one finding. Its parts have the same `finding_id` and add up; of the parts of one origin only the one
 * with the greatest version counts (`processors/findings/merged-finding.ts` does this, and the view `findings`). A part without
 * events takes back an earlier one. One object per record of `mysql.findings.v1`, key = `finding_id`, and the partition follows
 * from the key: who reads a partition meets all parts of its findings.
 */
export const findingSchema = z.object({
  finding_id: z.guid().describe('Made of area, server, account, client, database and window: the same under replay'),
  origin: z
    .string()
    .min(1)
    .max(256)
    .describe('Who counted: a partition and entry, or a scheduled detection and window'),
  version: count.describe('Grows with each change of this origin'),
  kind: z.enum(['statement', 'scheduled']).describe('Counted as events passed, or asked of the audit trail'),
  area: z.string().min(1).max(64).describe('What the ids of its rules begin with'),
  rule_id: z.string().max(64).describe('The gravest of its rules; empty in a part without events'),
  rule_title: z.string().max(FINDING_BOUNDS.title),
  server_id: z.string().describe('The MySQL server'),
  user_name: z.string().describe('The account; empty when unknown, or many'),
  client_address: z.string().describe('IPv4 dotted or IPv6 (RFC 5952)'),
  client_program: z.string().describe('What the client called itself; of several names one; empty when unknown'),
  database_name: z.string().describe('The default schema; empty when none, unknown or many'),
  window_start: time.describe('ISO 8601, UTC, microseconds; capture time'),
  window_end: time.describe('The first time behind the window'),
  first_seen: time.describe('Time of the first event that matched'),
  last_seen: time.describe('Time of the last event that matched'),
  events: count.describe('Events that matched any of the rules'),
  accepted: count.describe('Of these, how many the server carried out'),
  errors: count.describe('Of these, how many ended with an error'),
  returned_rows: count.describe('Rows returned by these events'),
  affected_rows: count.describe('Rows changed by these events'),
  severity: severity.describe('That of the gravest rule'),
  score: z.number().int().min(0).max(100).describe('Risk of this part alone, 0 to 100'),
  attack_tags: tags.describe('Those of all its rules'),
  tables: z.array(z.string()).max(FINDING_BOUNDS.tables).describe('Tables that the events name, some of them'),
  rules: z.array(findingRuleSchema).max(FINDING_BOUNDS.rules),
  samples: z.array(findingSampleSchema).max(FINDING_BOUNDS.samples),
});

/** A part as it stands on the topic. */
export type Finding = z.infer<typeof findingSchema>;
export type FindingRule = Finding['rules'][number];
export type FindingSample = Finding['samples'][number];
export type Severity = Finding['severity'];
