import type { QueryParameters, RowFormat } from '../../processors/store/clickhouse-client.ts';
import { visibleText } from '../output/visible-text.ts';
import type { Investigation } from './investigation.ts';

/** What this needs of a client. */
interface CoverageClient {
  query(sql: string, parameters: QueryParameters, format: RowFormat): Promise<AsyncIterable<string[]>>;
}

/** A row of the investigation `coverage`, as JSON has it. */
export interface CoverageRow {
  readonly server_id: string;
  readonly executed: number | null;
  readonly seen: number | null;
  readonly share: number | null;
  readonly missing: Readonly<Record<string, number>>;
  readonly measured_minutes: number;
  readonly minutes: number;
  readonly share_complete: number | null;
}

/** So many take some 2 s of two cores; an investigation is not kept waiting for more. */
const MOST_EVENTS = 20_000_000;
const EVENTS =
  "SELECT count() AS n FROM audit_events WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')} AND ({server:String} = '' OR server_id = {server:String})";
/** Servers told of one by one; the worst come first. */
const MOST_SERVERS = 5;

/**
 * How complete the trail is in the window that an investigation asked about: the investigation `coverage` with the same times and
 * server, as lines for people. Of a window with very many events it is left to be asked for.
 *
 * @param bound The values the investigation was run with; what it does not filter by is everything.
 */
export async function windowCoverage(
  client: CoverageClient,
  coverage: Investigation,
  bound: Readonly<Record<string, string | number>>,
): Promise<string> {
  const parameters: Record<string, string | number> = {};
  for (const { name, defaultValue } of coverage.parameters)
    parameters[name] = name === 'limit' ? 10_000 : (bound[name] ?? defaultValue ?? '');
  const [events] = await rowsOf<{ n: number }>(client, EVENTS, parameters);
  if (Number(events?.n) > MOST_EVENTS)
    return 'Coverage of this window: not looked at, it is long. Narrow it by --since, or ask: sqltrail query coverage\n';
  return coverageText(await rowsOf<CoverageRow>(client, coverage.sql, parameters));
}

async function rowsOf<T>(client: CoverageClient, sql: string, parameters: QueryParameters): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of await client.query(sql, parameters, 'JSONEachRow'))
    for (const line of batch) rows.push(JSON.parse(line) as T);
  return rows;
}

/** @param rows The worst first. */
export function coverageText(rows: readonly CoverageRow[]): string {
  if (rows.length === 0) return 'Coverage of this window: unknown. No edge and no watcher reported on it.\n';
  const lines = rows.slice(0, MOST_SERVERS).map(lineOf);
  const further = rows.length - lines.length;
  if (further > 0) lines.push(`… and ${further} more: sqltrail query coverage`);
  return `Coverage of this window:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function lineOf(row: CoverageRow): string {
  const server = visibleText(row.server_id === '' ? '(no server)' : row.server_id);
  if (row.executed === null || row.share === null) {
    const share = row.share_complete === null ? 'unknown' : `about ${percent(row.share_complete)}`;
    return `${server}: ${share} by what the stages report as lost; nobody asked the server how much it ran (sqltrail watch)`;
  }
  const measured = `${count(row.measured_minutes)} of ${count(row.minutes)} minutes measured`;
  const missing = Object.entries(row.missing)
    .sort((a, b) => b[1] - a[1])
    .map(([reason, n]) => `${reason} ${count(n)}`);
  const rest = missing.length === 0 ? '' : `; missing: ${missing.join(', ')}`;
  return `${server}: ${percent(row.share)} of ${count(row.executed)} statements${rest} (${measured})`;
}

/** Rounded down: all of it is said only where all of it is there. */
function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
