import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../runtime/package-root.ts';

/** A scheduled detection: one file of `sql/detections`. */
export interface DetectionQuery {
  /** Of the file, and in `detection: {scheduled: NAME}` of a rule. */
  readonly name: string;
  /** One line. */
  readonly title: string;
  readonly description: string;
  /** The rule whose finding it makes: title, level, tags and status are the rule's. */
  readonly rule: string;
  /** How many minutes before a window the query reads. */
  readonly steps: number;
  /** A condition on `audit_events`: a window without such facts, its own or of `steps` before it, finds nothing. Absent: any fact. */
  readonly facts?: string;
  /**
   * A SELECT of the facts that count, with the columns of `detection_facts` and `window_start`, over the windows from `{first}` to
   * before `{until}`, of facts from `{from}` on.
   */
  readonly sql: string;
}

const FIELDS = ['title', 'description', 'rule', 'steps', 'facts'] as const;
const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
const RULE = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;
const MOST_STEPS = 60;

/**
 * Reads one file: a header of `-- title:`, `-- description:` (repeatable, joined, as `-- facts:`), `-- rule:` and `-- steps:`, then the
 * SELECT, in which `{facts}` stands for those of `detection_facts` that meet the condition of the header.
 *
 * @throws Error where one of them is missing: a broken installation, not a user's mistake.
 */
export function parseDetection(name: string, text: string): DetectionQuery {
  const header = new Map<string, string[]>(FIELDS.map((field) => [field, []]));
  for (const match of text.matchAll(/^-- ([a-z]+): (.*)$/gm)) header.get(match[1]!)?.push(match[2]!.trim());
  const [title] = header.get('title')!;
  const [rule] = header.get('rule')!;
  const steps = Number(header.get('steps')![0] ?? Number.NaN);
  const facts = header.get('facts')!.join(' ');
  const sql = text
    .replace(/^--.*\n/gm, '')
    .trim()
    .replaceAll('{facts}', () => factsSql(facts));
  if (title === undefined) throw new Error(`${name} has no title.`);
  if (!NAME.test(name)) throw new Error(`${name} is no name of a detection.`);
  if (rule === undefined || !RULE.test(rule)) throw new Error(`${name} names no rule.`);
  if (!Number.isInteger(steps) || steps < 0 || steps > MOST_STEPS)
    throw new Error(`${name} does not say how many steps, from 0 to ${MOST_STEPS}, it looks back.`);
  if (!/\{first\}|\{from\}/.test(sql)) throw new Error(`${name} does not use {first}.`);
  if (!sql.includes('{until}')) throw new Error(`${name} does not use {until}.`);
  const description = header.get('description')!.join(' ');
  return { name, title, description, rule, steps, ...(facts !== '' && { facts }), sql };
}

/**
 * The condition is met before anything is joined, of rows that may have been replaced since; at their times stands the one that counts,
 * and of that the condition has to hold, too.
 */
function factsSql(condition: string): string {
  const within = 'event_time >= {from} AND event_time < {until}';
  const times = `SELECT server_id, event_time FROM audit_events WHERE ${within} AND (${condition})`;
  return `(SELECT * FROM detection_facts WHERE ${within} AND (server_id, event_time) IN (${times}) AND (${condition}))`;
}

/** All scheduled detections by name. */
export function readDetections(directory: string = join(packageRoot(), 'sql', 'detections')): DetectionQuery[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseDetection(file.slice(0, -'.sql'.length), readFileSync(join(directory, file), 'utf8')));
}

/** Windows are minutes, as rollup marks are. */
export const WINDOW_S = 60;

/**
 * What the detection says of the windows from `first` to before `until`, one row per window and finding, with what a part needs.
 *
 * @param first Seconds since the epoch, whole minutes, as `until`.
 */
export function evaluationSql({ sql, steps }: DetectionQuery, first: number, until: number, mostRows: number): string {
  const facts = withTimes(sql, first - steps * WINDOW_S, first, until);
  return `SELECT toUnixTimestamp(x.window_start) AS window, x.server_id AS server, x.user_name AS user, x.client_address AS client, x.database_name AS db, max(x.client_program) AS program, max(x.severity) AS level, toString(min(x.event_time)) AS first, toString(max(x.event_time)) AS last, count() AS n, countIf(x.status = 'ok') AS accepted, countIf(x.status = 'error') AS errors, sum(x.returned_rows) AS returned, sum(x.affected_rows) AS affected, arraySort(groupUniqArrayArray(16)(x.tables)) AS named, groupArraySorted(8)(x.sample) AS samples FROM (${facts}) AS x GROUP BY window, server, user, client, db ORDER BY window, server, user, client, db LIMIT ${mostRows}`;
}

/** Puts times, seconds since the epoch, for `{from}`, `{first}` and `{until}`. */
export function withTimes(sql: string, from: number, first: number, until: number): string {
  return sql.replaceAll('{from}', time(from)).replaceAll('{first}', time(first)).replaceAll('{until}', time(until));
}

function time(seconds: number): string {
  return `toDateTime64(${seconds}, 6, 'UTC')`;
}
