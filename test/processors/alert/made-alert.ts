import { FindingBook } from '../../../processors/alert/finding-book.ts';
import { SinkSummary } from '../../../processors/alert/sink-summary.ts';
import type { Alert } from '../../../schemas/alert.ts';
import { type MadeFinding, madeFinding, START_MS } from './made-finding.ts';

const RULES = {
  minimumLevel: 'info',
  groupWaitMs: 0,
  groupIntervalMs: 0,
  urlTemplate: 'https://siem.example/search?user={user_name}',
  describeRule: () => 'A second SELECT is joined to the first',
} as const;

/** The alert of some findings of one campaign, made at 00:00:05. */
export function madeAlert(...findings: readonly MadeFinding[]): Alert {
  const book = new FindingBook(RULES);
  for (const finding of findings.length === 0 ? [{}] : findings) book.take(madeFinding(finding), START_MS + 5_000);
  return book.due(START_MS + 5_000)[0]!;
}

/** A summary of two alerts. */
export function madeSummary(): Alert {
  const summary = SinkSummary.begin(START_MS + 5_000);
  summary.add(madeAlert({ user: 'app' }), 'throttled');
  summary.add(madeAlert({ user: 'root', severity: 'critical', area: 'exfil' }), 'queue_full');
  return summary.alert('hook', START_MS + 60_000);
}

/** A name with everything that means something to a format: lines, separators, quotes, markup. */
export const HOSTILE = 'a|b=c\\d]e"f\'g\r\nBcc: x@y\n<!channel> *b* _i_ `c` &amp; $x %0a \u202e\u0000';
/** The same as an alert carries it: on one line, nothing hidden. */
export const HOSTILE_SHOWN = 'a|b=c\\d]e"f\'g Bcc: x@y <!channel> *b* _i_ `c` &amp; $x %0a \ufffd\ufffd';
