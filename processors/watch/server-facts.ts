import type { MysqlConnection, MysqlRow } from './mysql-connection.ts';
import type { ServerFacts } from './watch-task.ts';

const FACTS = 'SELECT CONNECTION_ID(), VERSION(), @@performance_schema';
const UPTIME = "SHOW GLOBAL STATUS LIKE 'Uptime'";

/**
 * Asks a connection that was just opened what it is connected to, and bounds what its queries may cost the server.
 * @throws MysqlFault
 */
export async function serverFacts(
  connection: MysqlConnection,
  serverId: string,
  timeoutMs: number,
  nowUs: () => number,
): Promise<ServerFacts> {
  const loggedInUs = nowUs();
  const [connectionId = 0, version = '', performanceSchema = 0] = await firstRow(connection, FACTS, timeoutMs);
  const uptime = await firstRow(connection, UPTIME, timeoutMs);
  const startedUs = nowUs() - Math.max(0, Number(uptime[1] ?? 0)) * 1_000_000;
  const text = String(version);
  const isMariaDb = /mariadb/i.test(text);
  // What the client gives up, the server is to give up too. Servers and proxies that do not know it refuse, which does no harm.
  const limit = isMariaDb
    ? `SET SESSION max_statement_time = ${timeoutMs / 1000}`
    : `SET SESSION max_execution_time = ${timeoutMs}`;
  await connection.query(limit, ignore, timeoutMs).catch((error: unknown) => {
    if (!connection.isUsable) throw error;
  });
  return {
    serverId,
    version: text,
    isMariaDb,
    versionNumber: versionNumber(text),
    hasPerformanceSchema: Number(performanceSchema) === 1 || performanceSchema === 'ON',
    connectionId: Number(connectionId),
    startedUs,
    loggedInUs,
  };
}

/** 8.0.36-log is 80036; 0 for what is no version. MariaDB may put `5.5.5-` in front, for old replicas. */
export function versionNumber(version: string): number {
  const match = /^(?:5\.5\.5-)?(\d{1,3})\.(\d{1,2})\.(\d{1,2})/.exec(version);
  return match === null ? 0 : Number(match[1]) * 10_000 + Number(match[2]) * 100 + Number(match[3]);
}

async function firstRow(connection: MysqlConnection, sql: string, timeoutMs: number): Promise<MysqlRow> {
  let first: MysqlRow = [];
  await connection.query(
    sql,
    (row) => {
      if (first.length === 0) first = row;
    },
    timeoutMs,
  );
  return first;
}

function ignore(): void {}
