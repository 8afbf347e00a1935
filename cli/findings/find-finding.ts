import type { ClickhouseClient } from '../../processors/store/clickhouse-client.ts';
import { SqltrailError } from '../../runtime/errors.ts';

/** A row of the view `findings`, as JSON gives it. */
export type FindingRow = Readonly<Record<string, unknown>>;

const ID = /^[0-9a-f]{4}[0-9a-f-]{0,32}$/;

/**
 * The finding of an id, or of the beginning of one, from four digits on.
 *
 * @throws SqltrailError `query_invalid`: it is no id, there is none of it, or several.
 */
export async function findFinding(client: ClickhouseClient, id: string): Promise<FindingRow> {
  const wanted = id.toLowerCase();
  if (!ID.test(wanted))
    throw new SqltrailError(
      'query_invalid',
      'That is no id of a finding.',
      'Give one of `sqltrail findings list`, or at least its first four digits.',
    );
  const rows: FindingRow[] = [];
  const batches = await client.query(
    'SELECT * FROM findings WHERE startsWith(toString(finding_id), {id:String}) ORDER BY finding_id LIMIT 2',
    { id: wanted },
    'JSONEachRow',
  );
  for await (const lines of batches) for (const line of lines) rows.push(JSON.parse(line));
  const [row, other] = rows;
  if (row === undefined)
    throw new SqltrailError(
      'query_invalid',
      `No finding begins with ${wanted}.`,
      'See `sqltrail findings list --status all --severity info`.',
    );
  if (other !== undefined)
    throw new SqltrailError('query_invalid', `Several findings begin with ${wanted}.`, 'Give more of its digits.');
  return row;
}
