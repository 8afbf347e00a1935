import { type Finding, findingSchema } from '../../schemas/finding.ts';
import { FINDING_WINDOW_MS } from '../../schemas/finding-record.ts';
import { sqlLiteral } from '../store/sql-literal.ts';

const TIMES = ['window_start', 'window_end', 'first_seen', 'last_seen'] as const;
const ORIGINS_AT_ONCE = 500;

/** Origins of scheduled parts of windows from `first` to before `until`, seconds since the epoch, those taken back included. */
export async function writtenOrigins(
  client: { rows(sql: string): Promise<Record<string, unknown>[]> },
  first: number,
  until: number,
): Promise<Set<string>> {
  const from = first - (first % (FINDING_WINDOW_MS / 1000));
  const rows = await client.rows(
    `SELECT DISTINCT origin FROM finding_parts WHERE kind = 'scheduled' AND window_start >= toDateTime64(${from}, 6, 'UTC') AND window_start < toDateTime64(${until}, 6, 'UTC')`,
  );
  return new Set(rows.map(({ origin }) => String(origin)));
}

/** Parts as they stand in the table, without their rules and samples; those without events are left out. @param origins Any number. */
export async function writtenParts(
  client: { rows(sql: string): Promise<Record<string, unknown>[]> },
  origins: readonly string[],
): Promise<Finding[]> {
  const parts: Finding[] = [];
  for (let at = 0; at < origins.length; at += ORIGINS_AT_ONCE) {
    const some = origins.slice(at, at + ORIGINS_AT_ONCE).map(sqlLiteral);
    const rows = await client.rows(
      `SELECT toString(finding_id) AS finding_id, origin, version, kind, area, rule_id, '' AS rule_title, server_id, user_name, client_address, client_program, database_name, ${TIMES.map((time) => `toString(p.${time}) AS ${time}`).join(', ')}, events, accepted, errors, returned_rows, affected_rows, severity, 0 AS score, [] AS attack_tags, [] AS tables, [] AS rules, [] AS samples FROM finding_parts AS p FINAL WHERE origin IN (${some.join(', ')}) AND events > 0`,
    );
    for (const row of rows) parts.push(findingSchema.parse(asPart(row)));
  }
  return parts;
}

function asPart(row: Record<string, unknown>): Record<string, unknown> {
  const part = { ...row };
  for (const time of TIMES) part[time] = `${String(row[time]).replace(' ', 'T')}Z`;
  for (const count of ['version', 'events', 'accepted', 'errors', 'returned_rows', 'affected_rows'])
    part[count] = Number(row[count]);
  return part;
}
