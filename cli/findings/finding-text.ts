import { visibleText } from '../output/visible-text.ts';
import type { FindingRow } from './find-finding.ts';
import { shellWord } from './finding-options.ts';

const INDENT = '  ';
const LONGEST_STATEMENT = 400;
const MOST_SESSIONS = 5;

/**
 * A finding for people: what, who, from where, how bad, why, and the commands that show what lies behind it.
 *
 * @param flags Of the store, for these commands.
 */
export function findingText(finding: FindingRow, flags: string): string {
  const rules = recordsOf(finding['rules']);
  const samples = recordsOf(finding['samples']);
  const tags = textsOf(finding['attack_tags']).map(techniqueOf);
  const lines = [
    `${shown(finding['rule_title'])}  [${shown(finding['severity'])}, score ${shown(finding['score'])}, ${shown(finding['status'])}]`,
    '',
    field('finding', finding['finding_id']),
    field('server', finding['server_id']),
    field('user', finding['user_name'] === '' ? 'unknown, or several' : finding['user_name']),
    field(
      'client',
      `${shown(finding['client_address'])}${finding['client_program'] === '' ? '' : ` (${shown(finding['client_program'])})`}`,
    ),
    field('database', finding['database_name'] === '' ? 'none, or several' : finding['database_name']),
    field('seen', `${shown(finding['first_seen'])} to ${shown(finding['last_seen'])} UTC`),
    field(
      'events',
      `${shown(finding['events'])}: ${shown(finding['accepted'])} carried out, ${shown(finding['errors'])} refused; ${shown(finding['returned_rows'])} rows returned, ${shown(finding['affected_rows'])} changed`,
    ),
    field('tables', textsOf(finding['tables']).map(shown).join(', ')),
    field('ATT&CK', tags.join(', ')),
  ];
  if (finding['decided_by'] !== '')
    lines.push(
      field(
        'decided',
        `${shown(finding['status'])} by ${shown(finding['decided_by'])} at ${shown(finding['decided_at'])}: ${shown(finding['reason'])}`,
      ),
    );
  lines.push('', 'Rules:');
  for (const rule of rules)
    lines.push(
      `${INDENT}${shown(rule['rule_id']).padEnd(28)} ${shown(rule['severity']).padEnd(8)} ${shown(rule['events'])} events  ${shown(rule['title'])}`,
    );
  lines.push('', 'Samples (masked):');
  for (const sample of samples) lines.push(...sampleLines(sample));
  lines.push('', 'Look further:');
  for (const uid of [...new Set(samples.map((sample) => shown(sample['connection_uid'])))].slice(0, MOST_SESSIONS))
    lines.push(`${INDENT}sqltrail query session --connection ${uid}${flags}`);
  lines.push(`${INDENT}sqltrail query who-ran-what ${filters(finding)}${flags}`);
  lines.push('', `Decide: sqltrail findings ack ${shown(finding['finding_id'])} --reason '…'${flags}`);
  return `${lines.filter((line) => line !== null).join('\n')}\n`;
}

function sampleLines(sample: FindingRow): string[] {
  const statement = shown(sample['statement_masked']);
  const cut = statement.length > LONGEST_STATEMENT ? `${statement.slice(0, LONGEST_STATEMENT)}…` : statement;
  const outcome =
    Number(sample['error_code']) > 0
      ? `error ${shown(sample['error_code'])} ${shown(sample['error_message_masked'])}`
      : `${shown(sample['returned_rows'])} rows`;
  return [
    `${INDENT}${shown(sample['event_time'])}  ${textsOf(sample['rule_ids']).map(shown).join(', ')}`,
    `${INDENT}${INDENT}${cut === '' ? shown(sample['command']) : cut}`,
    `${INDENT}${INDENT}${outcome}`,
  ];
}

/** Of the hour and whoever it is about. */
function filters(finding: FindingRow): string {
  const time = (value: unknown) => `${shown(value).replace(' ', 'T')}Z`;
  const user = shown(finding['user_name']);
  return [
    `--client ${shellWord(shown(finding['client_address']))}`,
    ...(user === '' ? [] : [`--user ${shellWord(user)}`]),
    `--since ${time(finding['first_seen'])} --until ${time(finding['last_seen'])}`,
  ].join(' ');
}

function techniqueOf(tag: string): string {
  const name = shown(tag.replace(/^attack\./, ''));
  return /^t\d/.test(name) ? name.toUpperCase() : name.replaceAll('_', ' ');
}

function field(name: string, value: unknown): string {
  return `${INDENT}${name.padEnd(9)} ${shown(value)}`;
}

function shown(value: unknown): string {
  return visibleText(String(value ?? ''));
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function recordsOf(value: unknown): FindingRow[] {
  return Array.isArray(value)
    ? value.filter((each): each is FindingRow => typeof each === 'object' && each !== null)
    : [];
}
