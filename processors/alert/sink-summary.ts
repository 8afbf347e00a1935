import { z } from 'zod';
import { type Alert, type AlertSummary, alertSummarySchema } from '../../schemas/alert.ts';
import { findingSchema } from '../../schemas/finding.ts';
import { isoTime } from '../../schemas/iso-time.ts';
import { parsedJson } from '../../schemas/parsed-json.ts';
import { worst } from '../findings/severities.ts';
import { whoText } from './alert-facts.ts';
import { alertId } from './make-alert.ts';

/** Why an alert is not sent by itself. */
export type Unsent = 'throttled' | 'queue_full';

const MINUTE_MS = 60_000;
const MAX_RULES = 30;
const MAX_ACCOUNTS = 20;
const MAX_IDS = 100;
const OTHER = 'other';

const keptSchema = z.object({
  summary: alertSummarySchema,
  severity: findingSchema.shape.severity,
  chain: z.string(),
  dueMs: z.number(),
});

/** What a sink is told of alerts that it did not get one by one. */
export class SinkSummary {
  /** When it is sent at the earliest: the minute is over in which its first alert was made. */
  readonly dueMs: number;
  private readonly summary: AlertSummary;
  private severity: Alert['severity'];
  /** A hash over the ids of its alerts. */
  private chain: string;

  private constructor(kept: z.infer<typeof keptSchema>) {
    this.dueMs = kept.dueMs;
    this.summary = kept.summary;
    this.severity = kept.severity;
    this.chain = kept.chain;
  }

  static begin(nowMs: number): SinkSummary {
    const time = isoTime(nowMs * 1000);
    return new SinkSummary({
      summary: {
        alerts: 0,
        throttled: 0,
        queue_full: 0,
        findings: 0,
        from: time,
        until: time,
        severities: {},
        rules: {},
        accounts: {},
        finding_ids: [],
      },
      severity: 'info',
      chain: '',
      dueMs: (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS,
    });
  }

  add(alert: Alert, why: Unsent): void {
    const { summary } = this;
    summary.alerts++;
    summary[why]++;
    summary.findings += alert.findings.length;
    summary.until = alert.time;
    summary.severities[alert.severity] = (summary.severities[alert.severity] ?? 0) + 1;
    for (const finding of alert.findings) {
      count(summary.rules, finding.rule_id, MAX_RULES);
      if (summary.finding_ids.length < MAX_IDS) summary.finding_ids.push(finding.finding_id);
    }
    count(summary.accounts, whoText(alert), MAX_ACCOUNTS);
    this.severity = worst([this.severity, alert.severity]);
    this.chain = alertId([this.chain, alert.alert_id]);
  }

  /** @param sink Its name. */
  alert(sink: string, nowMs: number): Alert {
    const { alerts, findings, from, until } = this.summary;
    return {
      format: 'sqltrail.alert.v1',
      alert_id: alertId(['summary', sink, this.chain]),
      kind: 'summary',
      time: isoTime(nowMs * 1000),
      severity: this.severity,
      title: `${alerts} further alerts with ${findings} findings were not sent one by one`,
      server_id: '',
      user_name: '',
      client_address: '',
      window_start: from,
      window_end: until,
      findings: [],
      summary: this.summary,
      investigations: [`sqltrail query findings --since=${from}`],
      url: null,
    };
  }

  /** Text for `restore`. */
  export(): string {
    const { summary, severity, chain, dueMs } = this;
    return JSON.stringify({ summary, severity, chain, dueMs });
  }

  static restore(text: string): SinkSummary | null {
    const parsed = keptSchema.safeParse(parsedJson(text));
    return parsed.success ? new SinkSummary(parsed.data) : null;
  }
}

function count(counts: Record<string, number>, name: string, most: number): void {
  const isCounted = Object.hasOwn(counts, name) || Object.keys(counts).length < most;
  // Names come from outside: this one would be no property of its own.
  const known = isCounted && name !== '__proto__' ? name : OTHER;
  counts[known] = (Object.hasOwn(counts, known) ? counts[known]! : 0) + 1;
}
