import type { MysqlConnection } from './mysql-connection.ts';
import { MysqlFault } from './mysql-fault.ts';

const NEEDS_PROCESS = 'SELECT 1 FROM information_schema.INNODB_CMP LIMIT 1';
const REFUSED = '1227';

/**
 * Whether the user of a connection sees the sessions of others. Without the right PROCESS a server answers a question after its list with
 * the user's own sessions and no error, as if nobody else were there; so this asks for a table that is refused then. What the server says
 * about the right holds for the life of the connection.
 * @throws MysqlFault where the connection is of no use any more.
 */
export async function hasProcessRight(connection: MysqlConnection, timeoutMs: number): Promise<boolean> {
  try {
    await connection.query(NEEDS_PROCESS, () => {}, timeoutMs);
    return true;
  } catch (fault) {
    if (!(fault instanceof MysqlFault) || fault.isFatal) throw fault;
    // Any other refusal is of this table, and says nothing of the right.
    return fault.code !== REFUSED;
  }
}

/** What a watcher without the right meets; its connection is to be opened anew, as a right that is given later counts from the next login on. */
export function processRefused(): MysqlFault {
  return new MysqlFault('not_allowed', REFUSED, true);
}
