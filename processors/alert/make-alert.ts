import { createHash } from 'node:crypto';
import { ALERT_BOUNDS, type Alert, type AlertFinding, type AlertReason } from '../../schemas/alert.ts';
import { cleanText } from '../../schemas/clean-name.ts';
import type { Finding, Severity } from '../../schemas/finding.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import { worst } from '../findings/severities.ts';
import { whoText } from './alert-facts.ts';
import type { AlertRules } from './alert-rules.ts';
import { alertUrl, investigations } from './investigation.ts';

/** What was told of a finding last. */
export interface Told {
  readonly severity: Severity;
  readonly events: number;
  readonly atMs: number;
}

/** A finding that is to be told. */
export interface DueFinding {
  readonly finding: Finding;
  readonly reason: AlertReason;
  /** Null: nothing yet. */
  readonly told: Told | null;
}

/**
 * The alert of some findings of one campaign, the gravest first.
 *
 * Its id is made of what each finding was last known as and of what is told now: the same step of the same findings is the same
 * alert, and one that tells more is another.
 *
 * @param due Not empty, at most `ALERT_BOUNDS.findings`.
 */
export function makeAlert(due: readonly DueFinding[], rules: AlertRules, nowMs: number): Alert {
  const findings = due.map(({ finding, reason }) => alertFinding(finding, reason, rules.describeRule));
  const all = due.map(({ finding }) => finding);
  const first = all[0]!;
  const leading = findings[0]!;
  const steps = due.map(({ finding, reason, told }) => [
    finding.finding_id,
    reason,
    finding.severity,
    told?.severity ?? '',
    told?.events ?? 0,
  ]);
  const more = findings.length > 1 ? ` and ${findings.length - 1} more` : '';
  const who = {
    server_id: visible(first.server_id),
    user_name: visible(first.user_name),
    client_address: visible(first.client_address),
  };
  const alert: Alert = {
    format: 'sqltrail.alert.v1',
    alert_id: alertId(['finding', ...steps.sort(byId)]),
    kind: 'finding',
    time: isoTime(nowMs * 1000),
    severity: worst(all.map(({ severity }) => severity)),
    title: `${leading.rule_title}${more}: ${whoText(who)}`,
    ...who,
    window_start: first.window_start,
    window_end: first.window_end,
    findings,
    summary: null,
    investigations: investigations(all).map(visible),
    url: null,
  };
  return rules.urlTemplate === null ? alert : { ...alert, url: alertUrl(rules.urlTemplate, alert) };
}

/** 32 hex digits. */
export function alertId(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

function alertFinding(finding: Finding, reason: AlertReason, describeRule: (ruleId: string) => string): AlertFinding {
  return {
    finding_id: finding.finding_id,
    reason,
    area: visible(finding.area),
    rule_id: visible(finding.rule_id),
    rule_title: visible(finding.rule_title) || visible(finding.rule_id),
    rule_description: visible(describeRule(finding.rule_id)),
    severity: finding.severity,
    score: finding.score,
    database_name: visible(finding.database_name),
    client_program: visible(finding.client_program),
    first_seen: finding.first_seen,
    last_seen: finding.last_seen,
    events: finding.events,
    accepted: finding.accepted,
    errors: finding.errors,
    returned_rows: finding.returned_rows,
    affected_rows: finding.affected_rows,
    attack_tags: finding.attack_tags.map(visible),
    tables: finding.tables.map(visible),
    rules: finding.rules.slice(0, ALERT_BOUNDS.rules).map(({ rule_id: id, title, severity, events }) => ({
      rule_id: visible(id),
      title: visible(title),
      severity,
      events,
    })),
    samples: finding.samples.slice(0, ALERT_BOUNDS.samples).map((sample) => ({
      event_time: sample.event_time,
      event_id: sample.event_id,
      connection_uid: sample.connection_uid,
      statement_masked: visible(sample.statement_masked).slice(0, ALERT_BOUNDS.statement),
      statement_digest: sample.statement_digest,
      error_code: sample.error_code,
    })),
  };
}

/** On one line, without what could forge what a person sees. */
function visible(text: string): string {
  return cleanText(text.replace(/[\s\u2028\u2029]+/g, ' '));
}

function byId([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}
