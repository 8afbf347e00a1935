import { MysqlConnection } from '../../processors/watch/mysql-connection.ts';
import { processList } from '../../processors/watch/process-list.ts';
import { hasProcessRight } from '../../processors/watch/process-right.ts';
import { serverFacts } from '../../processors/watch/server-facts.ts';
import type { WatchedServer } from '../../processors/watch/watcher.ts';
import { wrong } from './check.ts';

/** Whether a watcher could do its work on this server: login, and the right to see others. @throws MysqlFault, SqltrailError. */
export async function checkMysql(server: WatchedServer, timeoutMs: number): Promise<string> {
  const connection = await MysqlConnection.open(server.mysql);
  try {
    const facts = await serverFacts(connection, server.names.serverId, timeoutMs, () => Date.now() * 1000);
    if (!(await hasProcessRight(connection, timeoutMs)))
      throw wrong(
        'The user has not the right PROCESS: he sees his own sessions only.',
        `GRANT PROCESS ON *.* TO '${server.mysql.user}'@'HOST'`,
      );
    let listed = 0;
    const startedMs = Date.now();
    await connection.query(
      processList(facts).sql,
      () => {
        listed++;
      },
      timeoutMs,
    );
    const tookMs = Date.now() - startedMs;
    return `${listed} sessions and threads in ${tookMs} ms; ${facts.isMariaDb ? 'MariaDB' : 'MySQL'} ${versionText(facts.versionNumber)}.`;
  } finally {
    connection.close();
  }
}

/** `101119` as people write it. */
function versionText(number: number): string {
  return `${Math.floor(number / 10_000)}.${Math.floor(number / 100) % 100}.${number % 100}`;
}
