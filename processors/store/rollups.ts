import { sqlLiteral } from './sql-literal.ts';
import { engineCodeOf } from './store-errors.ts';

/** What rollups need of a client. */
export interface RollupClient {
  command(sql: string): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

interface Minute {
  readonly serverId: string;
  /** Seconds since the epoch. */
  readonly start: number;
}

/** Minutes summed up by one statement; fewer where its memory does not suffice. */
const MINUTES_PER_STATEMENT = 240;
/** Minutes asked for at once, which bounds the memory here. */
const DUE_MINUTES = 50_000;
const MEMORY_LIMIT = '241';
/** How far the clocks of replicas, and what they know of each other's inserts, may be apart. */
const REPLICA_MARGIN_NS = '60000000000';

const KEYS = 'server_id, minute, user_name, database_name, command, statement_digest';
/** Each column of `activity_rollup` that is an array, and what it holds of a group of facts. */
const MEASURES: readonly (readonly [column: string, ofFacts: string])[] = [
  ['events', 'count()'],
  ['errors', "countIf(status = 'error')"],
  ['unanswered', "countIf(status = 'unknown')"],
  ['returned_rows', 'sum(audit_events.returned_rows)'],
  ['affected_rows', 'sum(audit_events.affected_rows)'],
  ['request_bytes', 'sum(audit_events.request_bytes)'],
  ['response_bytes', 'sum(audit_events.response_bytes)'],
  ['duration_us', 'sum(audit_events.duration_us)'],
  ['max_duration_us', 'max(audit_events.duration_us)'],
  ['without_index', 'countIf(no_index_used)'],
  ['durations', "quantilesTDigestStateIf(0.5, 0.95, 0.99)(audit_events.duration_us, status != 'unknown')"],
];
/** What else of a fact is summed up, or decides about it. */
const FACT_COLUMNS = [
  'server_id',
  'event_time',
  'command',
  'statement_digest',
  'status',
  'returned_rows',
  'affected_rows',
  'request_bytes',
  'response_bytes',
  'duration_us',
  'no_index_used',
];
const IDENTITY_COLUMNS = ['connection_uid', 'user_name', 'user_name_source', 'database_name'];
const ARRAYS = ['user_name', 'database_name', 'command', 'statement_digest', ...MEASURES.map(([column]) => column)];

/**
 * Sums up anew the minutes whose facts changed since their last rollup, each as a whole. Any number of processes may do so at
 * the same time: the version, a time from before the facts were read, decides, and a minute that got facts behind it is due
 * again. Facts that arrive meanwhile wait for the next call.
 *
 * @param notWithinMs Minutes summed up so shortly before, by anyone, stay as they are: the minute at hand, which is always due,
 *   then costs the same however many processes sum up.
 * @returns How many minutes were summed up.
 * @throws SqltrailError as the client does; what was done until then stands, the rest is still due.
 */
export async function updateRollups(client: RollupClient, notWithinMs = 0): Promise<number> {
  const isReplicated = await hasReplicas(client);
  const untilNs = await now(client);
  let done = 0;
  for (;;) {
    const due = await dueMinutes(client, untilNs, isReplicated ? REPLICA_MARGIN_NS : '0', notWithinMs);
    for (let at = 0; at < due.length; at += MINUTES_PER_STATEMENT)
      await sumUp(client, due.slice(at, at + MINUTES_PER_STATEMENT));
    done += due.length;
    if (due.length < DUE_MINUTES) return done;
  }
}

async function sumUp(client: RollupClient, minutes: readonly Minute[]): Promise<void> {
  try {
    await sumUpAtOnce(client, minutes);
  } catch (error) {
    if (engineCodeOf(error) !== MEMORY_LIMIT || minutes.length === 1) throw error;
    const half = minutes.length >> 1;
    await sumUp(client, minutes.slice(0, half));
    await sumUp(client, minutes.slice(half));
  }
}

async function sumUpAtOnce(client: RollupClient, minutes: readonly Minute[]): Promise<void> {
  const version = await now(client);
  const spans = spansOf(minutes);
  const into = 'SETTINGS max_partitions_per_insert_block = 0, max_insert_threads = 1';
  await client.command(
    `INSERT INTO activity_rollup (server_id, minute, version, ${ARRAYS.join(', ')}) ${into} SELECT server_id, minute, ${version}, ${ARRAYS.map((column) => `groupArray(${column})`).join(', ')} FROM (SELECT toStartOfMinute(event_time) AS minute, server_id, user_name, database_name, command, statement_digest, ${MEASURES.map(([column, ofFacts]) => `${ofFacts} AS ${column}`).join(', ')} FROM (${factsWithUsers(spans)}) AS audit_events GROUP BY ${KEYS}) GROUP BY server_id, minute`,
  );
  // Minutes without facts (any more) would be due for ever. Their version loses against one that someone else writes now.
  const all = minutes.map(({ serverId, start }) => `(${sqlLiteral(serverId)}, toDateTime(${start}, 'UTC'))`).join(', ');
  await client.command(
    `INSERT INTO activity_rollup (server_id, minute, version) ${into} SELECT m.1, m.2, ${version} - 1 FROM (SELECT arrayJoin([${all}]) AS m) WHERE m NOT IN (SELECT server_id, minute FROM activity_rollup WHERE version = ${version} AND (${within(spans, 'minute', 0)}))`,
  );
}

/** Facts, with what became known of their connections later, as the view `audit` has it; without looking statements up. */
function factsWithUsers(spans: readonly Span[]): string {
  const user =
    "if(f.user_name_source = 'unknown' AND f.event_time < u.user_until, u.user_name, f.user_name) AS user_name";
  const database =
    "if(f.database_name = '' AND f.event_time < u.database_until, u.database_name, f.database_name) AS database_name";
  const columns = FACT_COLUMNS.map((column) => `f.${column} AS ${column}`).join(', ');
  return (
    `SELECT ${columns}, ${user}, ${database} FROM (SELECT ${[...FACT_COLUMNS, ...IDENTITY_COLUMNS].join(', ')} FROM audit_events FINAL WHERE ${within(spans, 'event_time', 6)}) AS f ` +
    'LEFT ANY JOIN (SELECT connection_uid, user_name, user_until, database_name, database_until FROM connection_users FINAL) AS u ' +
    "ON u.connection_uid = f.connection_uid AND f.user_name_source IN ('unknown', 'processlist')"
  );
}

/** The database's clock, ns since the epoch, in decimal. */
async function now(client: RollupClient): Promise<string> {
  const [row] = await client.rows('SELECT toString(toUnixTimestamp64Nano(now64(9))) AS ns');
  const ns = String(row?.['ns']);
  if (!/^\d+$/.test(ns)) throw new Error('The database does not tell its time.');
  return ns;
}

async function hasReplicas(client: RollupClient): Promise<boolean> {
  const rows = await client.rows(
    "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'activity_rollup' AND startsWith(engine, 'Replicated')",
  );
  return rows.length > 0;
}

async function dueMinutes(
  client: RollupClient,
  untilNs: string,
  marginNs: string,
  notWithinMs: number,
): Promise<Minute[]> {
  const rested = notWithinMs === 0 ? '' : ` AND newest + ${Math.trunc(notWithinMs)} * 1000000 <= ${untilNs}`;
  const rows = await client.rows(
    `SELECT server_id, toUnixTimestamp(minute) AS start FROM (SELECT server_id, minute, max(marked_at) AS marked FROM rollup_marks WHERE marked_at <= ${untilNs} GROUP BY server_id, minute) AS m LEFT JOIN (SELECT server_id, minute, max(version) AS newest FROM activity_rollup WHERE (server_id, minute) IN (SELECT server_id, minute FROM rollup_marks) GROUP BY server_id, minute) AS r USING (server_id, minute) WHERE marked + ${marginNs} >= newest${rested} ORDER BY server_id, start LIMIT ${DUE_MINUTES}`,
  );
  return rows.map((row) => ({ serverId: String(row['server_id']), start: Number(row['start']) }));
}

interface Span {
  readonly serverId: string;
  readonly from: number;
  to: number;
}

/** Minutes of a server that follow each other as one span. @param minutes In order. */
function spansOf(minutes: readonly Minute[]): Span[] {
  const spans: Span[] = [];
  for (const { serverId, start } of minutes) {
    const last = spans.at(-1);
    if (last !== undefined && last.serverId === serverId && last.to === start) last.to = start + 60;
    else spans.push({ serverId, from: start, to: start + 60 });
  }
  return spans;
}

function within(spans: readonly Span[], column: string, decimals: number): string {
  const time = (seconds: number) => `toDateTime64(${seconds}, ${decimals}, 'UTC')`;
  return spans
    .map(
      ({ serverId, from, to }) =>
        `(server_id = ${sqlLiteral(serverId)} AND ${column} >= ${time(from)} AND ${column} < ${time(to)})`,
    )
    .join(' OR ');
}
