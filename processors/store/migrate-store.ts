import { ClickhouseClient } from './clickhouse-client.ts';
import type { ClusterLayout } from './cluster-sql.ts';
import {
  type Migration,
  type MigrationClient,
  migrate,
  pendingMigrations,
  plannedStatements,
  readMigrations,
} from './migrator.ts';
import { type Retention, retentionStatements } from './retention.ts';
import { roleStatements } from './roles.ts';
import type { StoreTarget } from './store-target.ts';

/** What `migrateStore` brings a store to. */
export interface MigrationPlan {
  /** As `clusterSql` gives it for the layout. */
  readonly substitute: (sql: string) => string;
  readonly layout: ClusterLayout;
  readonly retention: Retention;
  /** Null: roles are left as they are. */
  readonly roles: { readonly dangerouslyShowRaw: boolean } | null;
  readonly isDryRun: boolean;
}

/** A database that had to be made first, or would be. */
export interface NewDatabase {
  readonly sql: string;
  readonly isMade: boolean;
}

/** What was run, or with a dry run would be, in this order. */
export interface MigrationOutcome {
  /** How many migrations `schema` holds. */
  readonly migrations: number;
  readonly schema: readonly string[];
  /** Retention and roles. */
  readonly settings: readonly string[];
}

/**
 * Migrations, then retention, then roles; each only where it is missing, but for roles, which are granted again.
 *
 * @param database Null: it was there.
 * @throws SqltrailError as the migrator and the client do.
 */
export async function migrateStore(
  target: StoreTarget,
  plan: MigrationPlan,
  database: NewDatabase | null,
): Promise<MigrationOutcome> {
  const migrations = readMigrations(undefined, plan.substitute);
  const first = database === null ? [] : [database.sql];
  if (database !== null && !database.isMade) return planFor(NOTHING_YET, plan, migrations, databaseOf(target), first);
  const client = await ClickhouseClient.open(target, 'write');
  try {
    const [current] = await client.rows('SELECT currentDatabase() AS name');
    const name = String(current?.['name']);
    if (plan.isDryRun) return await planFor(client, plan, migrations, name, first);
    const schema = await plannedStatements(client, migrations, plan.substitute);
    const applied = await migrate(client, migrations, plan.substitute);
    const settings = await settingsFor(client, plan, name);
    for (const sql of settings) await client.command(sql);
    return { migrations: applied, schema: [...first, ...schema], settings };
  } finally {
    await client.close();
  }
}

/** A database that is not there. */
const NOTHING_YET: MigrationClient = { command: async () => {}, rows: async () => [] };

async function planFor(
  client: MigrationClient,
  plan: MigrationPlan,
  migrations: readonly Migration[],
  database: string,
  first: readonly string[],
): Promise<MigrationOutcome> {
  const missing = await pendingMigrations(client, migrations);
  const schema = await plannedStatements(client, migrations, plan.substitute);
  const settings = await settingsFor(client, plan, database);
  return { migrations: missing.length, schema: [...first, ...schema], settings };
}

async function settingsFor(client: MigrationClient, plan: MigrationPlan, database: string): Promise<string[]> {
  const roles = plan.roles === null ? [] : roleStatements({ ...plan.layout, database, ...plan.roles });
  return [...(await retentionStatements(client, plan.retention, plan.layout)), ...roles];
}

/** The database that an address names; empty: the user's default. */
export function databaseOf(target: StoreTarget): string {
  return target.kind === 'embedded' ? '' : decodeURIComponent(new URL(target.url).pathname.replaceAll('/', ''));
}
