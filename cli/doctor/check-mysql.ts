import { MysqlConnection } from '../../processors/watch/mysql-connection.ts';
import { MysqlFault } from '../../processors/watch/mysql-fault.ts';
import { processList } from '../../processors/watch/process-list.ts';
import { serverFacts } from '../../processors/watch/server-facts.ts';
import type { WatchedServer } from '../../processors/watch/watcher.ts';
import { wrong } from './check.ts';

/** Refused to a user without PROCESS; to his question after the process list a server answers with his own sessions, and no error. */
const NEEDS_PROCESS = 'SELECT 1 FROM information_schema.INNODB_CMP LIMIT 1';
const NO_PRIVILEGE = '1227';

/** Whether a watcher could do its work on this server: login, and the right to see others. @throws MysqlFault, SqltrailError. */
export async function checkMysql(server: WatchedServer, timeoutMs: number): Promise<string> {
  const connection = await MysqlConnection.open(server.mysql);
  try {
    const facts = await serverFacts(connection, server.names.serverId, timeoutMs, () => Date.now() * 1000);
    await expectProcess(connection, server.mysql.user, timeoutMs);
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

async function expectProcess(connection: MysqlConnection, user: string, timeoutMs: number): Promise<void> {
  try {
    await connection.query(NEEDS_PROCESS, () => {}, timeoutMs);
  } catch (fault) {
    if (!(fault instanceof MysqlFault) || fault.isFatal) throw fault;
    // Any other refusal is of this table, and says nothing of the right.
    if (fault.code !== NO_PRIVILEGE) return;
    throw wrong(
      'The user has not the right PROCESS: he sees his own sessions only.',
      `GRANT PROCESS ON *.* TO '${user}'@'HOST'`,
    );
  }
}
