import type { NumberedStatement } from '../../support/numbered-workload.ts';
import type { Fleet } from './fleet.ts';

/** What differs between the trail and the truth; empty where every statement is there once, as it was. */
export interface Difference {
  readonly missing: readonly number[];
  readonly doubled: readonly number[];
  readonly wrong: readonly string[];
}

/** Compares the numbered statements in the view `audit` with what was sent. */
export async function compareWithTruth(fleet: Fleet, truth: readonly NumberedStatement[]): Promise<Difference> {
  const rows = await fleet.clickhouse.rows(
    "SELECT affected_rows AS number, connection_id, command, statement_masked, status, completeness FROM audit WHERE command IN ('query', 'execute') ORDER BY number",
  );
  const seen = new Map<number, number>();
  const wrong: string[] = [];
  for (const row of rows) {
    const number = Number(row['number']);
    seen.set(number, (seen.get(number) ?? 0) + 1);
    const expected = truth[number - 1];
    const line = `${row['connection_id']} ${row['command']} ${row['statement_masked']} ${row['status']} ${row['completeness']}`;
    const wanted =
      expected === undefined
        ? 'nothing'
        : `${expected.connectionId} ${expected.command} ${expected.masked} ok complete`;
    if (line !== wanted) wrong.push(`${number}: ${line} instead of ${wanted}`);
  }
  return {
    missing: truth.filter(({ number }) => !seen.has(number)).map(({ number }) => number),
    doubled: [...seen].filter(([, times]) => times > 1).map(([number]) => number),
    wrong,
  };
}

/** Entries of the ledger in which what was taken in is not what was passed on, is open, or was lost. */
export function unbalancedEntries(fleet: Fleet): Promise<Record<string, unknown>[]> {
  return fleet.clickhouse.rows(
    'SELECT * FROM ledger FINAL WHERE taken_in != passed_on + open + arraySum(mapValues(lost))',
  );
}

/** Keys of the view of activity per minute whose counts are not those of the rows themselves. */
export function wrongActivity(fleet: Fleet): Promise<Record<string, unknown>[]> {
  const keys = 'server_id, minute, user_name, database_name, command, statement_digest';
  return fleet.clickhouse.rows(`
    SELECT * FROM (
      SELECT ${keys}, sum(events) AS events, sum(affected_rows) AS affected FROM activity_per_minute GROUP BY ${keys}
    ) AS a FULL OUTER JOIN (
      SELECT server_id, toStartOfMinute(event_time) AS minute, user_name, database_name, command, statement_digest,
        count() AS events, sum(affected_rows) AS affected
      FROM audit GROUP BY ${keys}
    ) AS b USING (${keys})
    WHERE a.events != b.events OR a.affected != b.affected LIMIT 20`);
}
