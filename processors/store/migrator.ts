import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqltrailError } from '../../runtime/errors.ts';
import { packageRoot } from '../../runtime/package-root.ts';

/** What the migrator needs of a client. */
export interface MigrationClient {
  command(sql: string): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

/** One file of `sql/migrations`: exactly one statement, so that a failure leaves nothing half done. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;

const APPLIED_TABLE = `CREATE TABLE schema_migrations
(
    number     UInt32,
    name       String,
    checksum   String,
    applied_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY number`;

/**
 * Brings a store to the schema of this version: applies the migrations it lacks, in order. Running it again does nothing, and
 * two at the same time do the same thing twice, which is harmless: every migration may be repeated.
 *
 * @param substitute What was done to the migrations' text, for the table of applied ones.
 * @returns How many were applied now.
 * @throws SqltrailError `store_failed` where an applied migration was edited, or the store is of a newer version.
 */
export async function migrate(
  client: MigrationClient,
  migrations: readonly Migration[] = readMigrations(),
  substitute: (sql: string) => string = asItIs,
): Promise<number> {
  const missing = await pendingMigrations(client, migrations);
  if (missing.length > 0) await client.command(appliedTable(substitute));
  for (const [done, { sql }] of missing.entries()) {
    try {
      await client.command(sql);
    } catch (error) {
      // What is not written down is applied again, without harm.
      if (done > 0) await client.command(recordOf(missing.slice(0, done))).catch(() => {});
      throw error;
    }
  }
  if (missing.length > 0) await client.command(recordOf(missing));
  return missing.length;
}

/** What `migrate` would run now, statement by statement. @throws SqltrailError as `migrate`. */
export async function plannedStatements(
  client: MigrationClient,
  migrations: readonly Migration[],
  substitute: (sql: string) => string,
): Promise<string[]> {
  const missing = await pendingMigrations(client, migrations);
  if (missing.length === 0) return [];
  return [appliedTable(substitute), ...missing.map(({ sql }) => sql), recordOf(missing)];
}

/**
 * The migrations that a store lacks, in order; changes nothing.
 *
 * @throws SqltrailError `store_failed` as `migrate`; a newer version only unless it is allowed.
 */
export async function pendingMigrations(
  client: MigrationClient,
  migrations: readonly Migration[],
  { allowsNewer = false } = {},
): Promise<Migration[]> {
  const applied = new Map<number, string>();
  const [table] = await client.rows(
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'",
  );
  if (table !== undefined) {
    for (const row of await client.rows('SELECT number, checksum FROM schema_migrations FINAL'))
      applied.set(Number(row['number']), String(row['checksum']));
  }
  checkApplied(applied, migrations, allowsNewer);
  return migrations.filter((migration) => !applied.has(migration.number));
}

function appliedTable(substitute: (sql: string) => string): string {
  return substitute(repeatable(APPLIED_TABLE));
}

/**
 * In one statement, since a part each is what costs most in making a store. SELECT, not VALUES: to the values of an INSERT the embedded
 * engine adds what it finds on standard input, packets.
 */
function recordOf(applied: readonly Migration[]): string {
  const rows = applied.map(({ number, name, checksum }) => `(${number}, '${name}', '${checksum}')`).join(', ');
  return `INSERT INTO schema_migrations (number, name, checksum) SELECT m.1, m.2, m.3 FROM (SELECT arrayJoin([${rows}]) AS m)`;
}

/** A migration that failed behind its statement, or that someone else applies at this moment, is run again without harm. */
function repeatable(sql: string): string {
  return sql.replace(/^CREATE (TABLE|VIEW) (?!IF NOT EXISTS)/m, 'CREATE $1 IF NOT EXISTS ');
}

function asItIs(sql: string): string {
  return sql;
}

function checkApplied(
  applied: ReadonlyMap<number, string>,
  migrations: readonly Migration[],
  allowsNewer: boolean,
): void {
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  for (const [number, checksum] of applied) {
    const migration = known.get(number);
    if (migration === undefined) {
      if (allowsNewer) continue;
      throw new SqltrailError(
        'store_failed',
        `The store has migration ${number}, which this version of sqltrail does not know.`,
        'Use the version of sqltrail that wrote the store, or a newer one.',
      );
    }
    if (migration.checksum !== checksum) {
      throw new SqltrailError(
        'store_failed',
        `Migration ${number} (${migration.name}) was edited after it had been applied to this store.`,
        'Restore the file and put the change into a new migration.',
      );
    }
  }
}

/**
 * The migrations of a folder in the order of their numbers. Files are named `0001_name.sql`; anything else is an error.
 *
 * @param substitute Turns the text of a file into what is run, as for `ON CLUSTER` and replicated engines. The checksum is
 *   of the file, so that it does not depend on the target.
 */
export function readMigrations(
  directory: string = join(packageRoot(), 'sql', 'migrations'),
  substitute: (sql: string) => string = asItIs,
): Migration[] {
  const migrations = readdirSync(directory)
    .sort()
    .map((file) => {
      const match = FILE_NAME.exec(file);
      if (match === null) throw new Error(`${file} in ${directory} is not named like 0001_name.sql.`);
      const text = readFileSync(join(directory, file), 'utf8');
      return {
        number: Number(match[1]),
        name: match[2]!,
        sql: substitute(repeatable(text)),
        checksum: createHash('sha256').update(text).digest('hex'),
      };
    });
  const twice = migrations.find((migration, i) => migrations[i + 1]?.number === migration.number);
  if (twice !== undefined) throw new Error(`Two migrations have the number ${twice.number}.`);
  return migrations;
}
