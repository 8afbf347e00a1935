import type { Alert, AlertFinding, AlertSummary } from '../../schemas/alert.ts';
import { SEVERITIES } from '../findings/severities.ts';

/** A line of an alert for people: what it is and what it says. The value is as it came: each format escapes it. */
export type Fact = readonly [label: string, value: string];

const UNKNOWN = '(unknown)';
/** Rules or accounts of a summary that are written out. */
const SHOWN = 10;

/** `app from 10.0.0.7 on db1` */
export function whoText(who: Pick<Alert, 'user_name' | 'client_address' | 'server_id'>): string {
  return `${who.user_name || UNKNOWN} from ${who.client_address || UNKNOWN} on ${who.server_id || UNKNOWN}`;
}

/** `[HIGH] SQL injection …: app from 10.0.0.7 on db1` */
export function subjectOf({ severity, title }: Alert): string {
  return `[${severity.toUpperCase()}] ${title}`;
}

/** Who, where from, on what, when. */
export function alertFacts(alert: Alert): Fact[] {
  if (alert.summary !== null) return summaryFacts(alert.summary);
  return [
    ['Account', alert.user_name || UNKNOWN],
    ['Client', alert.client_address || UNKNOWN],
    ['Server', alert.server_id || UNKNOWN],
    ['Window', `${alert.window_start} to ${alert.window_end}`],
  ];
}

/** What happened, how bad, and why it is told. */
export function findingFacts(finding: AlertFinding): Fact[] {
  const facts: Fact[] = [
    ['Rule', finding.rule_id],
    ['Severity', `${finding.severity}, score ${finding.score}${reasonText(finding)}`],
  ];
  if (finding.rule_description !== '') facts.push(['Why', finding.rule_description]);
  const others = finding.rules.filter(({ rule_id: id }) => id !== finding.rule_id);
  if (others.length > 0)
    facts.push(['Also matched', others.map(({ title, events }) => `${title} (${events})`).join(', ')]);
  facts.push(['Database', finding.database_name || '(none)']);
  if (finding.tables.length > 0) facts.push(['Tables', finding.tables.join(', ')]);
  if (finding.client_program !== '') facts.push(['Program', finding.client_program]);
  facts.push(['Events', countsText(finding)], ['Seen', `${finding.first_seen} to ${finding.last_seen}`]);
  if (finding.attack_tags.length > 0) facts.push(['ATT&CK', finding.attack_tags.join(', ')]);
  return facts;
}

/** How one goes on from here. */
export function nextFacts({ investigations, url }: Alert): Fact[] {
  const facts = investigations.map((command): Fact => ['Investigate', command]);
  if (url !== null) facts.push(['Link', url]);
  return facts;
}

/** `12, 9 carried out, 3 with an error, 40 rows returned, 0 rows changed` */
export function countsText(finding: AlertFinding): string {
  const { events, accepted, errors, returned_rows: returned, affected_rows: affected } = finding;
  return `${events}, ${accepted} carried out, ${errors} with an error, ${returned} rows returned, ${affected} rows changed`;
}

function summaryFacts(summary: AlertSummary): Fact[] {
  const severities = SEVERITIES.toReversed()
    .filter((each) => summary.severities[each] !== undefined)
    .map((each) => `${summary.severities[each]} ${each}`);
  return [
    ['Not sent', `${summary.alerts} alerts with ${summary.findings} findings: ${severities.join(', ')}`],
    ['Because', `${summary.throttled} beyond the limit of a minute, ${summary.queue_full} beyond what may wait`],
    ['Made', `${summary.from} to ${summary.until}`],
    ['Rules', mostOf(summary.rules)],
    ['Accounts', mostOf(summary.accounts)],
  ];
}

function reasonText({ reason }: AlertFinding): string {
  if (reason === 'severity') return '; graver than told before';
  return reason === 'count' ? '; ten times as many events as told before' : '';
}

function mostOf(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, SHOWN).map(([name, count]) => `${name} (${count})`);
  return shown.join(', ') + (sorted.length > SHOWN ? ', …' : '');
}
