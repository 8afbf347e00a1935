import type { Alert, AlertFinding } from '../../../schemas/alert.ts';
import type { Severity } from '../../../schemas/finding.ts';
import { cefLine } from './cef.ts';

/** What stays the same in every message of a process. */
export interface SyslogSource {
  /** 0 to 23, as in RFC 5424. */
  readonly facility: number;
  readonly host: string;
  readonly processId: number;
  /** Of the product. */
  readonly version: string;
}

/** RFC 5424: 2 critical, 3 error, 4 warning, 5 notice, 6 informational. */
const SYSLOG_SEVERITY: Readonly<Record<Severity, number>> = { info: 6, low: 5, medium: 4, high: 3, critical: 2 };
/** The private enterprise number that is kept for examples (RFC 5612): the product has none of its own. */
const ENTERPRISE = 32473;
const UNIQUE_ID = `sqltrail@${ENTERPRISE}`;

/** An alert as messages of RFC 5424 with CEF in them: one for each finding, for collectors count and search by line. */
export function syslogMessages(alert: Alert, source: SyslogSource, maxBytes: number): Buffer[] {
  const findings = alert.findings.length === 0 ? [null] : alert.findings;
  return findings.map((finding) => syslogMessage(alert, finding, source, maxBytes));
}

function syslogMessage(alert: Alert, finding: AlertFinding | null, source: SyslogSource, maxBytes: number): Buffer {
  const priority = source.facility * 8 + SYSLOG_SEVERITY[finding?.severity ?? alert.severity];
  const head = `<${priority}>1 ${alert.time} ${header(source.host, 255)} sqltrail ${source.processId} ${alert.kind}`;
  const data = `[${UNIQUE_ID} ${[
    ['alert_id', alert.alert_id],
    ['severity', finding?.severity ?? alert.severity],
    ['finding_id', finding?.finding_id ?? ''],
    ['rule_id', finding?.rule_id ?? ''],
    ['reason', finding?.reason ?? ''],
  ]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}="${dataValue(value!)}"`)
    .join(' ')}]`;
  // No byte order mark before the text, which is right in RFC 5424 and hides `CEF:` from many a parser.
  const before = `${head} ${data} `;
  return Buffer.from(before + cefLine(alert, finding, source.version, maxBytes - Buffer.byteLength(before)));
}

/** Printable ASCII without blanks; `-` where nothing is left. */
function header(text: string, longest: number): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, longest) || '-';
}

/** A value of structured data: `"`, `\` and `]` are escaped. */
function dataValue(text: string): string {
  return text.replace(/["\\\]]/g, '\\$&');
}
