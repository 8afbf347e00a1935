import { FINDING_BOUNDS, type Finding, type FindingSample, type Severity } from '../../schemas/finding.ts';
import { FINDING_WINDOW_MS, findingId } from '../../schemas/finding-record.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import type { Rule } from '../detect/rule.ts';
import { findingScore } from '../findings/finding-score.ts';
import { ruleConfidence } from '../findings/rule-confidence.ts';
import { SEVERITIES } from '../findings/severities.ts';
import type { DetectionQuery } from './detection-query.ts';

/** One row of `evaluationSql`, as JSON gives it. */
export type DetectionRow = Readonly<Record<string, unknown>>;

/** What the parts of a detection's window have in common. */
export interface Evaluation {
  readonly detection: DetectionQuery;
  readonly rule: Rule;
  /** µs of the database's clock, from before the facts were read. */
  readonly version: number;
}

/** @returns The window's start in seconds, and the part of the finding it adds to. */
export function scheduledPart(
  row: DetectionRow,
  { detection, rule, version }: Evaluation,
): [window: number, part: Finding] {
  const window = Number(row['window']);
  const windowMs = Math.floor((window * 1000) / FINDING_WINDOW_MS) * FINDING_WINDOW_MS;
  const area = rule.id.slice(0, rule.id.indexOf('.'));
  const severity = severityOf(Number(row['level']), rule);
  const tags = rule.tags.slice(0, FINDING_BOUNDS.tags);
  const counts = {
    events: Number(row['n']),
    accepted: Number(row['accepted']),
    errors: Number(row['errors']),
    returned_rows: Number(row['returned']),
    affected_rows: Number(row['affected']),
  };
  const key = {
    server_id: String(row['server']),
    user_name: String(row['user']),
    client_address: String(row['client']),
    database_name: String(row['db']),
  };
  const seen = { first_seen: isoOf(row['first']), last_seen: isoOf(row['last']) };
  const confidence = ruleConfidence(rule.status);
  const part: Finding = {
    finding_id: findingId({
      area,
      serverId: key.server_id,
      userName: key.user_name,
      clientAddress: key.client_address,
      databaseName: key.database_name,
      windowMs,
    }),
    origin: originOf(detection.name, window),
    version,
    kind: 'scheduled',
    area,
    rule_id: rule.id,
    rule_title: rule.title,
    ...key,
    client_program: String(row['program']),
    window_start: isoTime(windowMs * 1000),
    window_end: isoTime((windowMs + FINDING_WINDOW_MS) * 1000),
    ...seen,
    ...counts,
    severity,
    score: findingScore({
      severity,
      confidence,
      rules: 1,
      events: counts.events,
      accepted: counts.accepted,
      returnedRows: counts.returned_rows,
      affectedRows: counts.affected_rows,
    }),
    attack_tags: [...tags].sort(),
    tables: textsOf(row['named']).slice(0, FINDING_BOUNDS.tables),
    rules: [
      {
        rule_id: rule.id,
        title: rule.title,
        severity,
        confidence,
        attack_tags: tags,
        events: counts.events,
        ...seen,
      },
    ],
    samples: samplesOf(row['samples'], rule.id),
  };
  return [window, part];
}

/** Names what one window of a detection counted. */
export function originOf(detection: string, window: number): string {
  return `scheduled/${detection}/${isoTime(window * 1_000_000)}`;
}

/** Takes back a part that a later evaluation does not make any more. */
export function withdrawnPart(part: Finding, version: number): Finding {
  const none = { events: 0, accepted: 0, errors: 0, returned_rows: 0, affected_rows: 0 };
  return { ...part, ...none, version, score: 0, attack_tags: [], tables: [], rules: [], samples: [] };
}

function severityOf(level: number, rule: Rule): Severity {
  return SEVERITIES[level - 1] ?? rule.level;
}

function samplesOf(value: unknown, ruleId: string): FindingSample[] {
  if (!Array.isArray(value)) return [];
  return value.map((each): FindingSample => {
    const [time, id, uid, command, digest, masked, code, message, rows] = Array.isArray(each)
      ? each
      : Object.values(each);
    return {
      event_time: isoOf(time),
      event_id: String(id),
      connection_uid: String(uid),
      command: String(command),
      statement_digest: String(digest),
      statement_masked: String(masked),
      rule_ids: [ruleId],
      error_code: Number(code),
      error_message_masked: String(message),
      returned_rows: Number(rows),
    };
  });
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The engine's spelling of a time as ours. */
function isoOf(value: unknown): string {
  return `${String(value).replace(' ', 'T')}Z`;
}
