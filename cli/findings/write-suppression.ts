import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Suppression, suppressionFileSchema } from '../../processors/detect/suppressions.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { parseYaml } from '../../runtime/yaml.ts';
import type { FindingRow } from './find-finding.ts';

/** What keeps quiet about more of a finding: its rules, for its account, client and database as far as they are known. */
export function suppressionOf(finding: FindingRow, reason: string, expires: string): Suppression {
  const rules = Array.isArray(finding['rules']) ? finding['rules'].map((rule) => String(rule['rule_id'])).sort() : [];
  const known = (name: string) => (finding[name] === '' ? undefined : String(finding[name]));
  const user = known('user_name');
  const client = known('client_address');
  const database = known('database_name');
  return {
    rules,
    ...(user !== undefined && { user }),
    ...(client !== undefined && { client }),
    ...(database !== undefined && { database }),
    reason,
    expires,
  };
}

/**
 * Adds a suppression at the end of a file of them; makes the file where there is none. What stands in it stays as it is.
 *
 * @throws SqltrailError `config_invalid` where the file is no such file, or nothing can be put behind its end.
 */
export function appendSuppression(path: string, suppression: Suppression): void {
  const before = textOf(path);
  if (before.trim() !== '') check(path, before, 'is no file of suppressions');
  const start =
    before.trim() === ''
      ? 'suppressions:\n'
      : before.replace(/^suppressions: *\[\] *$/m, 'suppressions:').replace(/\n*$/, '\n');
  const after = `${start}${entryText(suppression)}`;
  check(path, after, 'is written in a way that nothing can be put behind its end');
  const temporary = `${path}.new`;
  writeFileSync(temporary, after);
  renameSync(temporary, path);
}

/** JSON values are YAML too, and quoted: names come from whoever speaks to the database. */
function entryText(suppression: Suppression): string {
  return Object.entries(suppression)
    .map(([name, value], i) => `${i === 0 ? '  - ' : '    '}${name}: ${JSON.stringify(value)}\n`)
    .join('');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
    throw invalid(`The file ${path} cannot be read.`, cause);
  }
}

function check(path: string, text: string, otherwise: string): void {
  try {
    suppressionFileSchema.parse(parseYaml(text).value);
  } catch (cause) {
    throw invalid(`The file ${path} ${otherwise}.`, cause);
  }
}

function invalid(message: string, cause: unknown): SqltrailError {
  return new SqltrailError(
    'config_invalid',
    message,
    'Name another file with --suppress, or add the suppression by hand.',
    {
      cause,
    },
  );
}
