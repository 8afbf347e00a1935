import { cleanName } from '../../schemas/clean-name.ts';
import { type ClientHost, clientHost } from './client-host.ts';
import type { MysqlRow } from './mysql-connection.ts';
import type { ServerFacts } from './watch-task.ts';

/** A session over TCP as one row of a process list shows it. What it runs is never asked for. */
export interface ListedSession {
  readonly connectionId: number;
  readonly userName: string;
  readonly client: ClientHost;
  readonly databaseName: string;
  /** How long it is in its state, at least; µs. */
  readonly inStateUs: number;
}

/** How a server's process list is asked for, and how its rows are read. */
export interface ProcessList {
  readonly sql: string;
  /** Null for rows that are no session of a user over TCP. */
  read(row: MysqlRow): ListedSession | null;
}

/** From where on the list is there without the lock that every new connection waits for. */
const CHEAP_LIST = 80_022;
/** Threads of the server, and sessions whose login is not over. */
const NO_USERS: ReadonlySet<string> = new Set(['', 'unauthenticated user', 'system user', 'event_scheduler']);
const COLUMNS = 'ID, USER, HOST, DB';

/**
 * The cheapest list that the server offers. None of them is asked for Info, the text of what others run.
 *
 * - MySQL from 8.0.22 with its performance schema: `performance_schema.processlist`, which takes no global lock.
 * - MariaDB: `information_schema.PROCESSLIST`, which tells milliseconds.
 * - Others: `information_schema.PROCESSLIST`.
 */
export function processList(
  facts: Pick<ServerFacts, 'isMariaDb' | 'versionNumber' | 'hasPerformanceSchema'>,
): ProcessList {
  if (facts.isMariaDb)
    return {
      sql: `SELECT ${COLUMNS}, TIME_MS FROM information_schema.PROCESSLIST`,
      read: (row) => session(row, millis),
    };
  const isCheap = facts.versionNumber >= CHEAP_LIST && facts.hasPerformanceSchema;
  const table = isCheap ? 'performance_schema.processlist' : 'information_schema.PROCESSLIST';
  return { sql: `SELECT ${COLUMNS}, TIME FROM ${table}`, read: (row) => session(row, seconds) };
}

/** For what is neither: a proxy, or a server that refuses to have its list selected. Its rows hold the first 100 characters of SQL, which are skipped. */
export const SHOWN_LIST: ProcessList = {
  sql: 'SHOW PROCESSLIST',
  read: (row) => session([row[0] ?? null, row[1] ?? null, row[2] ?? null, row[3] ?? null, row[5] ?? null], seconds),
};

function session(row: MysqlRow, toUs: (value: number) => number): ListedSession | null {
  const [id, user, host, database, time] = row;
  const connectionId = Number(id);
  const name = String(user ?? '');
  if (!Number.isSafeInteger(connectionId) || connectionId <= 0 || NO_USERS.has(name)) return null;
  const client = clientHost(String(host ?? ''));
  if (client === null) return null;
  const inState = Number(time ?? 0);
  return {
    connectionId,
    userName: cleanName(name),
    client: { host: cleanName(client.host), port: client.port },
    databaseName: cleanName(String(database ?? '')),
    inStateUs: inState > 0 ? toUs(inState) : 0,
  };
}

function millis(value: number): number {
  return Math.floor(value * 1000);
}

/** Servers subtract whole seconds from whole seconds: it may be almost one less. */
function seconds(value: number): number {
  return Math.max(0, Math.floor(value) - 1) * 1_000_000;
}
