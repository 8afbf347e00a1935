import type { Alert, AlertFinding } from '../../../schemas/alert.ts';
import type { Severity } from '../../../schemas/finding.ts';
import { parseIsoTime } from '../../../schemas/parse-iso-time.ts';

/** CEF's 0 to 10. */
const CEF_SEVERITY: Readonly<Record<Severity, number>> = { info: 1, low: 3, medium: 5, high: 8, critical: 10 };
/** Of what CEF allows: 1,023 for names and `msg`, 4,000 for custom strings. */
const NAME_CHARACTERS = 255;
const TEXT_CHARACTERS = 1000;

/**
 * ArcSight Common Event Format, version 0, on one line: `CEF:0|vendor|product|version|id|name|severity|extension`. Fields that
 * would make it longer than `maxBytes` are left out, whole ones, the least important first.
 *
 * @param finding Null: the alert has none.
 */
export function cefLine(alert: Alert, finding: AlertFinding | null, version: string, maxBytes: number): string {
  const id = finding?.rule_id ?? `sqltrail_${alert.kind}`;
  const name = finding?.rule_title ?? alert.title;
  const severity = CEF_SEVERITY[finding?.severity ?? alert.severity];
  const header = ['CEF:0', 'sqltrail', 'sqltrail', version, id, name.slice(0, 512)].map(headerValue).join('|');
  let line = `${header}|${severity}|`;
  let room = maxBytes - Buffer.byteLength(line);
  let gap = '';
  for (const [key, value, label] of finding === null ? wholeFields(alert) : findingFields(alert, finding)) {
    if (value === '') continue;
    const labelled = label === undefined ? '' : `${key}Label=${label} `;
    const field = `${gap}${labelled}${key}=${extensionValue(value)}`;
    const bytes = Buffer.byteLength(field);
    if (bytes > room) continue;
    line += field;
    room -= bytes;
    gap = ' ';
  }
  return line;
}

/** A custom field says by its label what it is. */
type Field = readonly [key: string, value: string, label?: string];

/** The most important first. */
function findingFields(alert: Alert, finding: AlertFinding): Field[] {
  const isIpv6 = alert.client_address.includes(':');
  const [sample] = finding.samples;
  return [
    ['externalId', finding.finding_id],
    ['rt', millis(alert.time)],
    ['start', millis(finding.first_seen)],
    ['end', millis(finding.last_seen)],
    isIpv6 ? ['c6a2', alert.client_address, 'Source IPv6 Address'] : ['src', alert.client_address],
    ['suser', alert.user_name.slice(0, NAME_CHARACTERS)],
    ['dhost', alert.server_id.slice(0, NAME_CHARACTERS)],
    ['cnt', String(finding.events)],
    ['reason', finding.reason],
    ['cat', finding.attack_tags.join(',').slice(0, NAME_CHARACTERS)],
    ['cs1', (sample?.statement_masked ?? '').slice(0, TEXT_CHARACTERS), 'Masked statement'],
    ['cs2', finding.database_name.slice(0, NAME_CHARACTERS), 'Database'],
    ['cn1', String(finding.errors), 'Errors'],
    ['cn2', String(finding.returned_rows), 'Rows returned'],
    ['cn3', String(finding.affected_rows), 'Rows changed'],
    ['cs3', sample?.connection_uid ?? '', 'Connection'],
    [
      'cs4',
      finding.rules
        .map(({ rule_id: id }) => id)
        .join(',')
        .slice(0, TEXT_CHARACTERS),
      'Rules',
    ],
    ['msg', finding.rule_description.slice(0, TEXT_CHARACTERS)],
    ['requestClientApplication', finding.client_program.slice(0, NAME_CHARACTERS)],
    ['cs5', (alert.investigations[0] ?? '').slice(0, TEXT_CHARACTERS), 'Investigation'],
    ['request', alert.url ?? ''],
  ];
}

function wholeFields(alert: Alert): Field[] {
  const { summary } = alert;
  const fields: Field[] = [
    ['externalId', alert.alert_id],
    ['rt', millis(alert.time)],
  ];
  if (summary !== null)
    fields.push(
      ['cnt', String(summary.alerts)],
      ['start', millis(summary.from)],
      ['end', millis(summary.until)],
      ['cs1', JSON.stringify(summary.rules).slice(0, TEXT_CHARACTERS), 'Findings by rule'],
    );
  return fields;
}

function millis(time: string): string {
  return String(Math.floor((parseIsoTime(time) ?? 0) / 1000));
}

/** Of the header: `|` and `\` are escaped; it has no lines. */
function headerValue(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|');
}

/** Of the extension: `=` and `\` are escaped, lines end with `\n` or `\r` written out. */
function extensionValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('=', '\\=').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
