import { SqltrailError } from '../../runtime/errors.ts';
import { type MigrationClient, pendingMigrations, readMigrations } from './migrator.ts';

const CURE = 'Run `sqltrail migrate` on that server, with a user that may create tables.';

/**
 * Checks that a server has the tables of this version. Migrations of a newer version are no obstacle: they only add, so that
 * services of two versions can write while one replaces the other.
 *
 * @throws SqltrailError `store_failed` where migrations are missing or differ.
 */
export async function checkSchema(client: MigrationClient): Promise<void> {
  const pending = await pendingMigrations(client, readMigrations(), { allowsNewer: true });
  const [first] = pending;
  if (first === undefined) return;
  throw new SqltrailError(
    'store_failed',
    `The ClickHouse server lacks ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`} of this version, from number ${first.number} (${first.name}) on.`,
    CURE,
  );
}
