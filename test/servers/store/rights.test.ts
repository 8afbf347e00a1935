import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindParameters } from '../../../cli/query/bind-parameters.ts';
import { readInvestigations } from '../../../cli/query/investigation.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import { analystGrants, detectorGrants, triageGrants, writerGrants } from '../../../processors/store/roles.ts';
import { readDetections } from '../../../processors/windows/detection-query.ts';
import { DetectionScheduler } from '../../../processors/windows/detection-scheduler.ts';
import { Loss } from '../../../schemas/loss.ts';
import { madeRule } from '../../processors/findings/made-verdicts.ts';
import { connectionFacts, START_US } from '../../processors/store/events.ts';
import { startClickhouse } from '../../support/clickhouse.ts';
import { countsOf, entry, events, makeTables, openService, targetOf } from './store-rig.ts';

/** The engine's one user is given what a role is given; on a real server this needs users and is left out. */
const needsEngine = describe.skipIf(process.env['CLICKHOUSE_URL'] !== undefined);
const directory = mkdtempSync(join(tmpdir(), 'sqltrail-rights-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const DENIED = /ACCESS_DENIED/;

needsEngine('the grants of a role', () => {
  beforeAll(async () => {
    const server = await startClickhouse({ directory });
    await makeTables(server);
    await server.stop();
  });

  it('let a writer write everything, sum up, and nothing more', async () => {
    const server = await startClickhouse({ directory, grants: writerGrants('default') });
    const { store } = await openService(server, { onRejected: () => {} });
    for (const event of events(0, 100)) store.add(event);
    store.add(new Loss(connectionFacts(1), START_US, 'gap', 9, true, 0, 100));
    store.addEntry(entry(0, 1));
    await store.written();
    expect(await store.updateRollups()).toBeGreaterThan(0);
    await store.close();
    for (const sql of [
      'SELECT masked FROM statements',
      'SELECT statement_raw FROM audit_events',
      'SELECT error_message_masked FROM audit_events',
      'TRUNCATE TABLE audit_events',
      'DROP TABLE audit_events',
      'ALTER TABLE audit_events DELETE WHERE 1',
      'CREATE TABLE more (a UInt8) ENGINE = Memory',
    ])
      await expect(server.rows(sql), sql).rejects.toThrow(DENIED);
    await server.stop();
  });

  it('let an analyst run every saved query and nothing that writes or shows unmasked text', async () => {
    const server = await startClickhouse({ directory, grants: analystGrants({ database: 'default' }) });
    expect(await countsOf(server)).toEqual({ audit: 100, ids: 100, facts: 100, rolled_up: 100 });
    const client = await ClickhouseClient.open(targetOf(server), 'read');
    await client.makeReadOnly();
    for (const investigation of readInvestigations()) {
      const given = new Map(
        investigation.parameters.filter((one) => one.defaultValue === null).map((one) => [one.name, '1']),
      );
      const rows = await client.query(
        investigation.sql,
        bindParameters(investigation, given, Date.now()),
        'JSONEachRow',
      );
      for await (const batch of rows) expect(batch, investigation.name).toBeInstanceOf(Array);
    }
    await client.close();
    expect(
      await server.rows('SELECT * EXCEPT (statement_raw, parameters, query_attributes) FROM audit LIMIT 1'),
    ).toHaveLength(1);
    for (const sql of [
      'SELECT statement_raw FROM audit',
      'SELECT parameters FROM audit_events',
      'INSERT INTO ledger (version) SELECT 1',
      'ALTER TABLE audit_events DELETE WHERE 1',
      'TRUNCATE TABLE ledger',
      'SELECT * FROM rollup_marks',
    ])
      await expect(server.rows(sql), sql).rejects.toThrow(DENIED);
    await server.stop();
  });

  it('let a detector, who is a writer too, evaluate every scheduled detection and read no unmasked text', async () => {
    const grants = [...writerGrants('default'), ...detectorGrants({ database: 'default' })];
    const server = await startClickhouse({ directory, grants });
    const { store } = await openService(server, { onRejected: () => {} });
    for (const event of events(100, 20)) store.add(Object.assign(event, { status: 'error', errorCode: 1064 }));
    await store.written();
    const failures: unknown[] = [];
    const detections = readDetections();
    // Without their condition on facts they are evaluated whatever the events are.
    const always = detections.map(({ facts: _, ...each }) => ({ ...each, name: `${each.name}-always` }));
    const scheduler = new DetectionScheduler({
      client: store.queries!,
      detections: [...detections, ...always],
      rule: (id) => madeRule(id, 'low'),
      publish: async (parts) => {
        for (const part of parts) store.addFinding(part);
        await store.written();
      },
      onFailure: (name, error) => failures.push([name, error]),
      horizonS: null,
    });
    const { windows } = await scheduler.turn();
    expect(failures).toEqual([]);
    expect(windows).toBeGreaterThan(0);
    await store.close();
    for (const sql of [
      'SELECT statement_raw FROM audit_events',
      'INSERT INTO finding_triage (reason) SELECT 1',
      'TRUNCATE TABLE account_profiles',
    ])
      await expect(server.rows(sql), sql).rejects.toThrow(DENIED);
    await server.stop();
  });

  it('let those who decide read what analysts do, decide, and nothing more', async () => {
    const server = await startClickhouse({ directory, grants: triageGrants({ database: 'default' }) });
    await server.rows("INSERT INTO finding_triage (decided_by, reason) SELECT 'ann', 'A test'");
    expect(await server.rows('SELECT count() AS n FROM findings')).toHaveLength(1);
    for (const sql of [
      'SELECT statement_raw FROM audit',
      'INSERT INTO finding_parts (version) SELECT 1',
      'TRUNCATE TABLE finding_triage',
    ])
      await expect(server.rows(sql), sql).rejects.toThrow(DENIED);
    await server.stop();
  });

  it('show unmasked text where that is asked for', async () => {
    const grants = analystGrants({ database: 'default', dangerouslyShowRaw: true });
    const server = await startClickhouse({ directory, grants });
    expect(await server.rows('SELECT * FROM audit LIMIT 1')).toHaveLength(1);
    await server.stop();
  });
});
