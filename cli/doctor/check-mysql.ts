import { MysqlConnection } from '../../processors/watch/mysql-connection.ts';
import { processList } from '../../processors/watch/process-list.ts';
import { serverFacts } from '../../processors/watch/server-facts.ts';
import type { WatchedServer } from '../../processors/watch/watcher.ts';
import { wrong } from './check.ts';

const THREADS = "SHOW GLOBAL STATUS LIKE 'Threads_connected'";

/** Whether a watcher could do its work on this server: login, and the right to see others. @throws MysqlFault, SqltrailError. */
export async function checkMysql(server: WatchedServer, timeoutMs: number): Promise<string> {
  const connection = await MysqlConnection.open(server.mysql);
  try {
    const facts = await serverFacts(connection, server.names.serverId, timeoutMs, () => Date.now() * 1000);
    let listed = 0;
    let connected = 0;
    await connection.query(
      THREADS,
      (row) => {
        connected = Number(row[1] ?? 0);
      },
      timeoutMs,
    );
    const startedMs = Date.now();
    await connection.query(
      processList(facts).sql,
      () => {
        listed++;
      },
      timeoutMs,
    );
    const tookMs = Date.now() - startedMs;
    // Without the right a server shows a user his own sessions, and no error.
    if (connected > 2 && listed < connected / 2) {
      throw wrong(
        `Of ${connected} connections the user sees ${listed}: he may not see those of others.`,
        `GRANT PROCESS ON *.* TO '${server.mysql.user}'@'HOST'`,
      );
    }
    return `${listed} sessions and threads in ${tookMs} ms; ${facts.isMariaDb ? 'MariaDB' : 'MySQL'} ${facts.versionNumber}.`;
  } finally {
    connection.close();
  }
}
