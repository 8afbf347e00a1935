import type { Alert } from '../../../schemas/alert.ts';
import { alertFacts, type Fact, findingFacts, nextFacts, subjectOf } from '../alert-facts.ts';

const SUBJECT_CHARACTERS = 200;
const LABEL_WIDTH = 12;

/** One line, so that nothing in it begins a header of its own. */
export function mailSubject(alert: Alert): string {
  return subjectOf(alert).replace(/\s+/g, ' ').trim().slice(0, SUBJECT_CHARACTERS);
}

/** Plain text: no reader of mail makes links, images or markup of what somebody put into a name. */
export function mailText(alert: Alert): string {
  const lines = [mailSubject(alert), '', ...alertFacts(alert).map(factLine)];
  for (const finding of alert.findings) {
    lines.push('', oneLine(finding.rule_title), ...findingFacts(finding).map(factLine));
    if (finding.samples.length > 0) lines.push('Statements, masked:');
    for (const sample of finding.samples) lines.push(`    ${oneLine(sample.statement_masked)}`);
  }
  lines.push('', ...nextFacts(alert).map(factLine), '', `Alert ${alert.alert_id}`);
  return `${lines.join('\n')}\n`;
}

function factLine([label, value]: Fact): string {
  return `${`${label}:`.padEnd(LABEL_WIDTH)} ${oneLine(value)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
