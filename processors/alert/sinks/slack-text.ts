import type { Alert } from '../../../schemas/alert.ts';
import { alertFacts, type Fact, findingFacts, nextFacts, subjectOf } from '../alert-facts.ts';

/** Slack cuts messages at 40,000 characters, and hides all but the first of long ones. */
const MAX_TEXT = 12_000;

/** An alert in Slack's mrkdwn. Whatever a value holds, it is text: in a code span or block, with `&`, `<` and `>` escaped. */
export function slackText(alert: Alert): string {
  const lines = [headline(subjectOf(alert)), ...alertFacts(alert).map(factLine)];
  for (const finding of alert.findings) {
    lines.push('', headline(finding.rule_title), ...findingFacts(finding).map(factLine));
    for (const sample of finding.samples) lines.push(`\`\`\`${escaped(sample.statement_masked)}\`\`\``);
  }
  lines.push('', ...nextFacts(alert).map(factLine));
  let text = '';
  for (const line of lines) {
    if (text.length + line.length > MAX_TEXT) return `${text}…`;
    text += `${line}\n`;
  }
  return text.trimEnd();
}

/** In code as well: outside of it some servers hear `@channel`, and most make links of addresses. */
function headline(text: string): string {
  return `*\`${escaped(text)}\`*`;
}

function factLine([label, value]: Fact): string {
  return `${label.replaceAll('&', '&amp;')}: \`${escaped(value)}\``;
}

/** Nothing of it ends a code span, or begins a link or a mention. */
function escaped(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('`', 'ˋ');
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
