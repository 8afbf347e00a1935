import type { Alert } from '../../../schemas/alert.ts';
import { countsText, whoText } from '../alert-facts.ts';

/** One alert of Alertmanager's API v2. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/**
 * An alert for Alertmanager: one of its own for each finding, because it groups and silences by labels. The same labels are the
 * same alert there. Each ends after a while without news, for a finding has no end that anyone would report.
 *
 * @param endsAtMs When it counts as resolved.
 */
export function alertmanagerAlerts(alert: Alert, endsAtMs: number): PostedAlert[] {
  const endsAt = new Date(endsAtMs).toISOString();
  if (alert.findings.length === 0) return [wholeAlert(alert, endsAt)];
  return alert.findings.map((finding) => ({
    labels: given({
      alertname: finding.rule_id,
      severity: finding.severity,
      service: 'sqltrail',
      server_id: alert.server_id,
      user_name: alert.user_name,
      client_address: alert.client_address,
      database_name: finding.database_name,
    }),
    annotations: given({
      summary: `${finding.rule_title}: ${whoText(alert)}`,
      description: finding.rule_description,
      alert_id: alert.alert_id,
      finding_id: finding.finding_id,
      reason: finding.reason,
      score: String(finding.score),
      events: countsText(finding),
      first_seen: finding.first_seen,
      last_seen: finding.last_seen,
      rules: finding.rules.map(({ rule_id: id }) => id).join(', '),
      sample_statements: finding.samples.map((sample) => sample.statement_masked).join('\n'),
      attack: finding.attack_tags.join(', '),
      investigations: alert.investigations.join('\n'),
    }),
    startsAt: finding.first_seen,
    endsAt,
    ...(alert.url !== null && { generatorURL: alert.url }),
  }));
}

/** A summary or a test: about no finding. */
function wholeAlert(alert: Alert, endsAt: string): PostedAlert {
  const { summary } = alert;
  return {
    labels: { alertname: `sqltrail_${alert.kind}`, severity: alert.severity, service: 'sqltrail' },
    annotations: given({
      summary: alert.title,
      alert_id: alert.alert_id,
      rules: summary === null ? '' : JSON.stringify(summary.rules),
      accounts: summary === null ? '' : JSON.stringify(summary.accounts),
    }),
    startsAt: alert.time,
    endsAt,
  };
}

/** Without empty ones: to Alertmanager an empty label is none, and some versions refuse it. */
function given(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
