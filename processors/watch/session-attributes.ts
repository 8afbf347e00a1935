import { cleanName } from '../../schemas/clean-name.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import type { ListedSession } from './process-list.ts';
import type { ClientAttributes } from './session-changes.ts';

/** Sessions that are asked about by their ids; where more are new at once, all attributes are read. */
const MOST_IDS = 500;
const SELECT =
  "SELECT PROCESSLIST_ID, ATTR_NAME, ATTR_VALUE FROM performance_schema.session_connect_attrs WHERE ATTR_NAME IN ('program_name', '_pid')";

/**
 * What clients say of themselves, where the server's performance schema has it and the user may see it.
 * @throws MysqlFault
 */
export async function readAttributes(
  connection: MysqlConnection,
  sessions: readonly ListedSession[],
  timeoutMs: number,
): Promise<ReadonlyMap<number, ClientAttributes>> {
  const ids = new Set(sessions.map(({ connectionId }) => connectionId));
  const found = new Map<number, { program: string; pid: string }>();
  const sql = ids.size > MOST_IDS ? SELECT : `${SELECT} AND PROCESSLIST_ID IN (${[...ids].join(', ')})`;
  await connection.query(
    sql,
    ([id, name, value]) => {
      if (!ids.has(Number(id))) return;
      const attributes = found.get(Number(id)) ?? { program: '', pid: '' };
      attributes[name === '_pid' ? 'pid' : 'program'] = cleanName(String(value ?? ''));
      found.set(Number(id), attributes);
    },
    timeoutMs,
  );
  return found;
}
