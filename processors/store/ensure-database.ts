import { ClickhouseClient } from './clickhouse-client.ts';
import { type ClusterLayout, onCluster } from './cluster-sql.ts';
import { databaseOf, type NewDatabase } from './migrate-store.ts';
import { sqlLiteral } from './sql-literal.ts';
import type { ServerTarget } from './store-target.ts';

/**
 * Makes the database that the address names, where there is none.
 *
 * @returns Null where it is there already, or the address names none. @throws SqltrailError as the client does.
 */
export async function ensureDatabase(
  target: ServerTarget,
  layout: ClusterLayout,
  isDryRun: boolean,
): Promise<NewDatabase | null> {
  const name = databaseOf(target);
  if (name === '') return null;
  const client = await ClickhouseClient.open({ ...target, url: new URL('/', target.url).href }, 'write');
  try {
    const found = await client.rows(`SELECT name FROM system.databases WHERE name = ${sqlLiteral(name)}`);
    if (found.length > 0) return null;
    const quoted = name.replaceAll('\\', '\\\\').replaceAll('`', '\\`');
    const sql = `CREATE DATABASE IF NOT EXISTS \`${quoted}\`${onCluster(layout)}`;
    if (!isDryRun) await client.command(sql);
    return { sql, isMade: !isDryRun };
  } finally {
    await client.close();
  }
}
