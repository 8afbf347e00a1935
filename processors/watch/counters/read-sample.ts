import type { Channel } from '../../../schemas/server-minute.ts';
import type { MysqlConnection, MysqlRow } from '../mysql-connection.ts';
import { MysqlFault } from '../mysql-fault.ts';
import type { ServerFacts } from '../watch-task.ts';
import type { AccountSample, ServerSample, ThreadSample } from './server-sample.ts';

/** Two clocks, in ms: the time since the epoch, and one that is never set. */
export interface Clocks {
  nowMs(): number;
  steadyMs(): number;
}

const VARIABLES =
  "VARIABLE_NAME IN ('Questions', 'Queries', 'Connections', 'Aborted_connects', 'Bytes_received', 'Bytes_sent', 'Ssl_accepts', 'Uptime')";
const COMMANDS = "VARIABLE_NAME LIKE 'Com\\_%'";
/** MySQL keeps these out of its tables of variables. */
const MYSQL_COMMANDS = "SHOW GLOBAL STATUS LIKE 'Com\\_%'";
/** Includes sessions that are over, until FLUSH STATUS; `threads` tells how those came that are there. */
const ACCOUNTS = `
  UNION ALL SELECT 'account', USER, HOST, VARIABLE_VALUE FROM performance_schema.status_by_account WHERE VARIABLE_NAME = 'Questions'
  UNION ALL SELECT CONCAT('session ', CONNECTION_TYPE), PROCESSLIST_USER, PROCESSLIST_HOST, COUNT(*) FROM performance_schema.threads WHERE CONNECTION_TYPE IS NOT NULL AND PROCESSLIST_USER IS NOT NULL GROUP BY CONNECTION_TYPE, PROCESSLIST_USER, PROCESSLIST_HOST
  UNION ALL SELECT 'me', PROCESSLIST_USER, PROCESSLIST_HOST, '' FROM performance_schema.threads WHERE PROCESSLIST_ID = CONNECTION_ID()`;

/** No names in it: those of users are whatever someone chose. */
const THREADS =
  "SELECT t.CONNECTION_TYPE AS sqltrail_watch, t.PROCESSLIST_USER, t.PROCESSLIST_HOST, s.VARIABLE_VALUE, t.THREAD_ID FROM performance_schema.threads AS t JOIN performance_schema.status_by_thread AS s ON s.THREAD_ID = t.THREAD_ID AND s.VARIABLE_NAME = 'Questions' WHERE t.CONNECTION_TYPE IS NOT NULL AND t.PROCESSLIST_USER IS NOT NULL";
/** The server makes all variables of all sessions for that answer: of more sessions it is not asked. */
const MOST_THREADS = 1_000;

/** `CONNECTION_TYPE` of the performance schema. */
const CHANNEL_OF: Readonly<Record<string, Channel>> = { 'TCP/IP': 'tcp', 'SSL/TLS': 'tls', Socket: 'socket' };
const DIGITS = /^\d{1,20}$/;

/** Reads the counters of a server: one statement, on MySQL a second one for `Com_…`. */
export class SampleReader {
  private readonly clocks: Clocks;

  constructor(clocks: Clocks) {
    this.clocks = clocks;
  }

  /**
   * @param asksAccounts Whether the performance schema is asked too: it refuses users without the right to read it.
   * @throws MysqlFault
   */
  async read(
    connection: MysqlConnection,
    facts: ServerFacts,
    timeoutMs: number,
    asksAccounts: boolean,
  ): Promise<ServerSample> {
    const { clocks } = this;
    const rows: MysqlRow[] = [];
    const askedMs = clocks.nowMs();
    const askedSteadyMs = clocks.steadyMs();
    const take = (row: MysqlRow) => rows.push(row);
    await connection.query(sampleSql(facts, asksAccounts), take, timeoutMs);
    const tookMs = clocks.steadyMs() - askedSteadyMs;
    if (!facts.isMariaDb) {
      const takeCommand = ([name = null, value = null]: MysqlRow) => rows.push(['status', name, '', value]);
      await connection.query(MYSQL_COMMANDS, takeCommand, timeoutMs);
    }
    const when = { atMs: askedMs + tookMs / 2, tookMs, steadyMs: askedSteadyMs + tookMs / 2 };
    const accounts = asksAccounts ? accountsOf(rows) : null;
    const threads = accounts !== null && areMixed(accounts) ? await this.threads(connection, timeoutMs) : null;
    const withThreads = accounts?.map((account) => ({ ...account, threads: threads?.get(keyOf(account)) ?? null }));
    return { ...when, ...sampleOf(rows), accounts: withThreads ?? null };
  }

  /** By account. Null where the server refuses to tell. */
  private async threads(
    connection: MysqlConnection,
    timeoutMs: number,
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, ThreadSample>> | null> {
    const accounts = new Map<string, Map<number, ThreadSample>>();
    const take = ([type, user, host, value, id]: MysqlRow) => {
      if (!DIGITS.test(String(value))) return;
      const key = `${user}\n${host}`;
      const threads = accounts.get(key) ?? new Map<number, ThreadSample>();
      threads.set(Number(id), { channel: CHANNEL_OF[String(type)] ?? 'other', questions: BigInt(String(value)) });
      accounts.set(key, threads);
    };
    try {
      await connection.query(THREADS, take, timeoutMs);
      return accounts;
    } catch (error) {
      if (!(error instanceof MysqlFault) || error.isFatal) throw error;
      return null;
    }
  }
}

/** Some account's sessions come in several ways, and there are few enough of all. */
function areMixed(accounts: readonly AccountSample[]): boolean {
  let sessions = 0;
  for (const account of accounts) for (const count of account.sessions.values()) sessions += count;
  return sessions <= MOST_THREADS && accounts.some(({ sessions: ways }) => ways.size > 1);
}

function keyOf({ user, host }: Pick<AccountSample, 'user' | 'host'>): string {
  return `${user}\n${host}`;
}

/** The name of the first column marks these statements in the trail as the watcher's own. */
function sampleSql({ isMariaDb }: ServerFacts, asksAccounts: boolean): string {
  const schema = isMariaDb ? 'information_schema' : 'performance_schema';
  const wanted = isMariaDb ? `${VARIABLES} OR ${COMMANDS}` : VARIABLES;
  const status = `SELECT 'status' AS sqltrail_watch, VARIABLE_NAME, '', VARIABLE_VALUE FROM ${schema}.GLOBAL_STATUS WHERE ${wanted}`;
  const own = `UNION ALL SELECT 'own', CONNECTION_ID(), '', VARIABLE_VALUE FROM ${schema}.SESSION_STATUS WHERE VARIABLE_NAME = 'Questions'`;
  const sql = `${status} ${own}${asksAccounts ? ACCOUNTS : ''}`;
  // The names of MySQL's performance schema are told apart by case where those of files are.
  return isMariaDb ? sql : sql.replace('GLOBAL_STATUS', 'global_status').replace('SESSION_STATUS', 'session_status');
}

function sampleOf(
  rows: readonly MysqlRow[],
): Pick<ServerSample, 'uptimeS' | 'connectionId' | 'ownQuestions' | 'counters'> {
  const counters = new Map<string, bigint>();
  let own: MysqlRow | undefined;
  for (const row of rows) {
    const [kind, name, , value] = row;
    const text = String(value ?? '');
    if (kind === 'own') own = row;
    else if (kind === 'status' && DIGITS.test(text)) counters.set(String(name).toLowerCase(), BigInt(text));
  }
  const uptime = counters.get('uptime');
  if (own === undefined || uptime === undefined || !counters.has('questions'))
    throw new MysqlFault('failed', 'ENOCOUNTERS', false);
  counters.delete('uptime');
  return {
    uptimeS: Number(uptime),
    connectionId: Number(own[1]),
    ownQuestions: BigInt(DIGITS.test(String(own[3])) ? String(own[3]) : 0),
    counters,
  };
}

function accountsOf(rows: readonly MysqlRow[]): AccountSample[] {
  const sessions = new Map<string, Map<Channel, number>>();
  let me = '';
  for (const [kind, user, host, value] of rows) {
    const key = `${user}\n${host}`;
    if (kind === 'me') me = key;
    if (typeof kind !== 'string' || !kind.startsWith('session ')) continue;
    const channel = CHANNEL_OF[kind.slice('session '.length)] ?? 'other';
    const ways = sessions.get(key) ?? new Map<Channel, number>();
    ways.set(channel, (ways.get(channel) ?? 0) + Number(value));
    sessions.set(key, ways);
  }
  const accounts: AccountSample[] = [];
  for (const [kind, user, host, value] of rows) {
    // Without a user: the server's own threads.
    if (kind !== 'account' || user === null || user === undefined || !DIGITS.test(String(value))) continue;
    const key = `${user}\n${host}`;
    accounts.push({
      user: String(user),
      host: String(host),
      questions: BigInt(String(value)),
      sessions: sessions.get(key) ?? new Map(),
      threads: null,
      isOwn: key === me,
    });
  }
  return accounts;
}
