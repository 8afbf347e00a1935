import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqltrailError } from '../../runtime/errors.ts';
import { packageRoot } from '../../runtime/package-root.ts';

/** A value that an investigation takes; bound by the engine under its name and type. */
export interface QueryParameter {
  readonly name: string;
  /** A ClickHouse type. */
  readonly type: string;
  /** Null where the caller must give one. */
  readonly defaultValue: string | null;
}

/** A saved query of `sql/queries`. */
export interface Investigation {
  readonly name: string;
  /** One line. */
  readonly title: string;
  readonly description: string;
  readonly parameters: readonly QueryParameter[];
  readonly sql: string;
}

const PARAMETER = /^([a-z]+) ([A-Za-z0-9(), ']+?)(?: =(?: (.*))?)?$/;

/**
 * Reads one file: a header of `-- title: TEXT`, `-- description: TEXT` (repeatable, joined) and
 * `-- parameter: NAME TYPE [= DEFAULT]` lines, then the SQL with `{NAME:TYPE}` in it. A parameter without `=` must be given.
 *
 * @throws Error where header and SQL disagree: a broken installation, not a user's mistake.
 */
export function parseInvestigation(name: string, text: string): Investigation {
  const header = new Map<string, string[]>([
    ['title', []],
    ['description', []],
    ['parameter', []],
  ]);
  for (const match of text.matchAll(/^-- (title|description|parameter): (.*)$/gm))
    header.get(match[1]!)?.push(match[2]!.trim());
  const sql = text.replace(/^--.*\n/gm, '').trim();
  const parameters = header.get('parameter')!.map((line) => parseParameter(name, line));
  const declared = new Set(parameters.map(({ name: parameter, type }) => `{${parameter}:${type}}`));
  const used = new Set([...sql.matchAll(/\{[a-z]+:[^}]+\}/g)].map((match) => match[0]));
  const differing = [...declared].filter((p) => !used.has(p)).concat([...used].filter((p) => !declared.has(p)));
  if (differing.length > 0) throw new Error(`${name}: ${differing.join(', ')} is not both declared and used.`);
  const [title] = header.get('title')!;
  if (title === undefined) throw new Error(`${name} has no title.`);
  return { name, title, description: header.get('description')!.join(' '), parameters, sql };
}

function parseParameter(name: string, line: string): QueryParameter {
  const match = PARAMETER.exec(line);
  if (match === null) throw new Error(`${name}: the parameter "${line}" is not written as NAME TYPE [= DEFAULT].`);
  return { name: match[1]!, type: match[2]!, defaultValue: line.includes('=') ? (match[3] ?? '') : null };
}

/** All saved investigations by name. */
export function readInvestigations(directory: string = join(packageRoot(), 'sql', 'queries')): Investigation[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseInvestigation(file.slice(0, -'.sql'.length), readFileSync(join(directory, file), 'utf8')));
}

/** @throws SqltrailError `query_unknown`, with the names there are. */
export function findInvestigation(name: string, investigations: readonly Investigation[]): Investigation {
  const found = investigations.find((investigation) => investigation.name === name);
  if (found !== undefined) return found;
  const names = investigations.map((investigation) => investigation.name).join(', ');
  throw new SqltrailError(
    'query_unknown',
    `There is no saved investigation named ${JSON.stringify(name)}.`,
    `Use one of: ${names}; or your own with --sql 'SELECT …'.`,
  );
}

/** One line per investigation, for people. */
export function listInvestigations(investigations: readonly Investigation[]): string {
  const width = Math.max(...investigations.map(({ name }) => name.length));
  return investigations.map(({ name, title }) => `${name.padEnd(width)}  ${title}\n`).join('');
}
