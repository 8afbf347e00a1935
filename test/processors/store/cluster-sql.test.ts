import { afterAll, describe, expect, it } from 'vitest';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import { clusterSql } from '../../../processors/store/cluster-sql.ts';
import { migrate, readMigrations } from '../../../processors/store/migrator.ts';
import { retentionStatements } from '../../../processors/store/retention.ts';
import { roleStatements } from '../../../processors/store/roles.ts';
import { sqlLiteral } from '../../../processors/store/sql-literal.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';

const layout = { cluster: 'all`hosts', isReplicated: true };
const directory = temporaryDirectory();
const client = hasChdb ? await ClickhouseClient.open({ kind: 'embedded', directory: directory.path }, 'write') : null;
afterAll(async () => {
  await client?.close();
  directory.remove();
});

/** As the engine's own parser spells it; it throws where it cannot read the text. */
async function parsed(sql: string): Promise<string> {
  const [row] = await client!.rows(`SELECT formatQuerySingleLine(${sqlLiteral(sql)}) AS sql`);
  return String(row?.['sql']);
}

describe('clusterSql', () => {
  it('leaves everything as it is without a cluster', () => {
    const as = clusterSql({});
    for (const { sql } of readMigrations()) expect(as(sql)).toBe(sql);
  });

  it('refuses a cluster without replication, and replication without a cluster', () => {
    for (const half of [{ cluster: 'c' }, { isReplicated: true }])
      expect(() => clusterSql(half)).toThrow(expect.objectContaining({ code: 'config_invalid', exitCode: 2 }));
  });

  it.skipIf(client === null)(
    'makes every table replicated and every object on the whole cluster, in SQL that ClickHouse reads',
    async () => {
      for (const { name, sql } of readMigrations(undefined, clusterSql(layout))) {
        const text = await parsed(sql);
        if (/^CREATE/.test(text)) expect(text, name).toMatch(/IF NOT EXISTS|^CREATE OR REPLACE/);
        if (/^(?:CREATE|ALTER)/.test(text)) expect(text, name).toMatch(/ ON CLUSTER `all\\?`+hosts`/);
        if (!/^CREATE TABLE/.test(text)) continue;
        expect(text).toMatch(
          /ENGINE = Replicated\w+MergeTree\('\/clickhouse\/tables\/\{shard\}\/\{database\}\/\{table\}', '\{replica\}'/,
        );
        expect(text).not.toContain('non_replicated');
      }
    },
  );

  it.skipIf(client === null)('keeps the parameters of an engine', async () => {
    const facts = readMigrations(undefined, clusterSql(layout)).find(({ name }) => name === 'audit_events');
    expect(await parsed(facts!.sql)).toContain("'{replica}', ingested_at)");
  });
});

describe.skipIf(client === null)('retentionStatements', () => {
  it('asks for what differs and for nothing more', async () => {
    await migrate(client!);
    const retention = { audit: 30, losses: 0, ledger: 730, findings: 400 };
    const first = await retentionStatements(client!, retention, {});
    expect(first.map((sql) => sql.split(' ')[2])).toEqual([
      'audit_events',
      'ledger',
      'server_minutes',
      'connection_users',
      'finding_parts',
      'finding_triage',
    ]);
    for (const sql of first) await client!.command(sql);
    expect(await retentionStatements(client!, retention, {})).toEqual([]);
    const later = await retentionStatements(client!, { audit: 0, ledger: 10 }, {});
    expect(later).toEqual([
      'ALTER TABLE audit_events REMOVE TTL',
      'ALTER TABLE ledger MODIFY TTL toDateTime(minute) + toIntervalDay(10)',
      'ALTER TABLE server_minutes MODIFY TTL toDateTime(minute) + toIntervalDay(10)',
      'ALTER TABLE connection_users REMOVE TTL',
    ]);
    for (const sql of later) await client!.command(sql);
    expect(await retentionStatements(client!, { audit: 0, ledger: 10 }, {})).toEqual([]);
  });

  it('keeps what was decided of a finding longer than the finding', async () => {
    expect(await retentionStatements(client!, { findings: 0 }, {})).toContain('ALTER TABLE finding_parts REMOVE TTL');
    expect(await retentionStatements(client!, { findings: 5 }, {})).toEqual([
      'ALTER TABLE finding_parts MODIFY TTL toDateTime(window_start) + toIntervalDay(5)',
      'ALTER TABLE finding_triage MODIFY TTL toDateTime(decided_at) + toIntervalDay(36)',
    ]);
  });

  it('alters the table on the whole cluster', async () => {
    const [sql] = await retentionStatements(client!, { rollup: 5 }, layout);
    expect(await parsed(sql!)).toContain('ON CLUSTER');
  });
});

describe.skipIf(client === null)('roleStatements', () => {
  it.each([{}, layout])('is SQL that ClickHouse reads: %o', async (where) => {
    for (const sql of roleStatements({ ...where, database: 'au`dit' })) await parsed(sql);
  });

  it('shows analysts no unmasked column unless asked to', () => {
    const raw = /statement_raw|parameters|query_attributes/;
    expect(roleStatements({ database: 'd' }).join()).not.toMatch(raw);
    expect(roleStatements({ database: 'd', dangerouslyShowRaw: true }).join()).toMatch(raw);
  });
});
