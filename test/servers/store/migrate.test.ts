import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { clusterSql } from '../../../processors/store/cluster-sql.ts';
import { ensureDatabase } from '../../../processors/store/ensure-database.ts';
import { type MigrationOutcome, migrateStore } from '../../../processors/store/migrate-store.ts';
import { readMigrations } from '../../../processors/store/migrator.ts';
import type { Retention } from '../../../processors/store/retention.ts';
import type { ServerTarget } from '../../../processors/store/store-target.ts';
import { type ClickhouseServer, startClickhouse } from '../../support/clickhouse.ts';
import { events, targetOf } from './store-rig.ts';

let server: ClickhouseServer;
beforeAll(async () => {
  server = await startClickhouse();
});
afterAll(() => server.stop());

async function run(target: ServerTarget, isDryRun: boolean, retention: Retention = {}): Promise<MigrationOutcome> {
  const plan = { substitute: clusterSql({}), layout: {}, retention, roles: null, isDryRun };
  return migrateStore(target, plan, await ensureDatabase(target, {}, isDryRun));
}

function within(database: string): ServerTarget {
  return { ...targetOf(server), url: `${server.url}/${database}` };
}

async function tablesOf(database: string): Promise<unknown[]> {
  const rows = await server.rows(`SELECT name FROM system.tables WHERE database = '${database}' ORDER BY name`);
  return rows.map((row) => row['name']);
}

const all = readMigrations().length;
const TABLES = [
  'account_profiles',
  'activity_per_minute',
  'activity_rollup',
  'audit',
  'audit_events',
  'connection_users',
  'coverage',
  'detection_facts',
  'detection_windows',
  'ecs_findings',
  'finding_parts',
  'finding_triage',
  'findings',
  'ledger',
  'ledger_entries',
  'loss_events',
  'losses',
  'ocsf_datastore_activity',
  'ocsf_detection_findings',
  'rollup_marks',
  'schema_migrations',
  'seen_per_minute',
  'server_minutes',
  'statements',
];

describe('migrating a server', () => {
  it('makes the database and every table, and does nothing the second time', async () => {
    expect(await run(within('first'), false)).toMatchObject({ migrations: all });
    expect(await tablesOf('first')).toEqual(TABLES);
    expect(await run(within('first'), false)).toEqual({ migrations: 0, schema: [], settings: [] });
  });

  it('ends the same where several do it at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => run(within('crowded'), false)));
    expect(outcomes.every(({ migrations }) => migrations > 0)).toBe(true);
    expect(await tablesOf('crowded')).toEqual(TABLES);
    expect(await server.rows('SELECT count() AS n FROM crowded.schema_migrations FINAL')).toEqual([{ n: all }]);
    expect(await run(within('crowded'), true)).toMatchObject({ migrations: 0 });
  });

  it('goes on behind a migration that was applied and not recorded', async () => {
    await run(within('halfway'), false);
    await server.rows('ALTER TABLE halfway.schema_migrations DELETE WHERE number > 6 SETTINGS mutations_sync = 1');
    expect(await run(within('halfway'), false)).toMatchObject({ migrations: all - 6 });
  });

  it('only tells what it would do, where asked to, also of a database that is not there', async () => {
    const planned = await run(within('planned'), true, { audit: 5 });
    expect(planned.schema[0]).toBe('CREATE DATABASE IF NOT EXISTS `planned`');
    expect(planned.migrations).toBe(all);
    expect(await server.rows("SELECT name FROM system.databases WHERE name = 'planned'")).toEqual([]);
    const done = await run(within('planned'), false, { audit: 5 });
    expect(done).toEqual(planned);
  });

  it('sets, changes and removes how long rows are kept', async () => {
    const ttlOf = async () =>
      String(
        (
          await server.rows("SELECT engine_full AS e FROM system.tables WHERE database = 'kept' AND name = 'ledger'")
        )[0]?.['e'],
      );
    await run(within('kept'), false, { ledger: 7 });
    expect(await ttlOf()).toContain('TTL toDateTime(minute) + toIntervalDay(7)');
    expect((await run(within('kept'), false, { ledger: 7 })).settings).toEqual([]);
    await run(within('kept'), false, { ledger: 0 });
    expect(await ttlOf()).not.toContain('TTL');
  });

  it('lets services of this version write, and of an older one too', async () => {
    await run(within('served'), false);
    await server.rows("INSERT INTO served.schema_migrations (number, name, checksum) SELECT 9999, 'later', 'x'");
    const store = await AuditStore.open(within('served'));
    for (const event of events(0, 10)) store.add(event);
    await store.close();
    expect(await server.rows('SELECT count() AS n FROM served.audit_events')).toEqual([{ n: 10 }]);
    await expect(run(within('served'), false)).rejects.toMatchObject({ message: expect.stringContaining('9999') });
  });
});
