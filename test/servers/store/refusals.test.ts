import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import type { StoreRow } from '../../../processors/store/store-batch.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { auditEvent, statementOf } from '../../processors/store/events.ts';
import { type ClickhouseServer, startClickhouse } from '../../support/clickhouse.ts';
import { countsOf, emptyTables, events, makeTables, openService, targetOf } from './store-rig.ts';

let server: ClickhouseServer;
beforeAll(async () => {
  server = await startClickhouse();
  await makeTables(server);
});
afterAll(() => server.stop());
beforeEach(async () => {
  server.plan();
  await emptyTables(server);
});

async function write(rows: readonly AuditEvent[]): Promise<{ rejected: [StoreRow, string][]; inserts: number }> {
  const rejected: [StoreRow, string][] = [];
  const before = server.counters.inserts;
  const { store } = await openService(server, { onRejected: (row, code) => rejected.push([row, code]) });
  for (const row of rows) store.add(row);
  await store.written();
  await store.updateRollups();
  await store.close();
  return { rejected, inserts: server.counters.inserts - before };
}

describe('a batch that ClickHouse refuses for its contents', () => {
  it('is written but for the row that a constraint of the table refuses, which is named with its code', async () => {
    await server.rows("ALTER TABLE audit_events ADD CONSTRAINT no_mallory CHECK user_name != 'mallory'");
    const rows = events(0, 1000);
    const bad = Object.assign(rows[619]!, { userName: 'mallory' });
    const { rejected, inserts } = await write(rows);
    await server.rows('ALTER TABLE audit_events DROP CONSTRAINT no_mallory');
    expect(rejected).toEqual([[bad, '469']]);
    expect(inserts).toBeLessThan(80);
    expect(await countsOf(server)).toMatchObject({ audit: 999, ids: 999, rolled_up: 999 });
  });

  it.each([
    [27, 'CANNOT_PARSE_INPUT_ASSERTION_FAILED'],
    [33, 'CANNOT_READ_ALL_DATA'],
    [117, 'INCORRECT_DATA'],
    [321, 'VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE'],
    [1002, 'UNKNOWN_EXCEPTION'],
  ])('loses no other row where error %i hits three rows', async (code, name) => {
    server.plan({ fault: { kind: 'refuse_rows', containing: 'poison', code, name } });
    const rows = events(0, 500);
    const bad = [0, 250, 499].map((at) => Object.assign(rows[at]!, { errorMessageMasked: 'poison' }));
    const { rejected } = await write(rows);
    expect(rejected).toEqual(bad.map((row) => [row, String(code)]));
    expect(await countsOf(server)).toMatchObject({ audit: 497, ids: 497, rolled_up: 497 });
  });

  it('rejects the events of a text that is refused, and keeps the texts of all others', async () => {
    server.plan({ fault: { kind: 'refuse_rows', containing: 'SELECT poison', code: 117, name: 'INCORRECT_DATA' } });
    const rows = Array.from({ length: 60 }, (_, i) =>
      auditEvent(1, i, { statement: statementOf(i % 20 === 0 ? 'SELECT poison' : `SELECT ${i % 3}`) }),
    );
    const { rejected } = await write(rows);
    expect(rejected.map(([row]) => row)).toEqual([rows[0], rows[20], rows[40]]);
    expect(await server.rows("SELECT count() AS n FROM audit WHERE statement_masked != ''")).toEqual([{ n: 57 }]);
  });

  it('goes on with failures that may pass between the halves', async () => {
    server.plan(
      { fault: { kind: 'lose_answer' }, times: 4, queryContains: 'rollup_marks' },
      { fault: { kind: 'refuse_rows', containing: 'poison', code: 117, name: 'INCORRECT_DATA' } },
    );
    const rows = events(0, 100);
    rows[50]!.errorMessageMasked = 'poison';
    const { rejected } = await write(rows);
    expect(rejected).toHaveLength(1);
    expect(await countsOf(server)).toMatchObject({ audit: 99, ids: 99, rolled_up: 99 });
  });
});

describe('a server that will never take anything', () => {
  it.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown user', { user: 'nobody' }],
  ])('is a clear error at once, also in a service: %s', async (_name, login) => {
    const stop = new AbortController();
    const open = AuditStore.open({ ...targetOf(server), ...login }, { untilAborted: stop.signal });
    await expect(open).rejects.toMatchObject({ code: 'store_permission', retriable: false });
  });

  it('is a clear error where its tables were never made', async () => {
    const empty = await startClickhouse();
    const stop = new AbortController();
    const open = AuditStore.open(targetOf(empty), { untilAborted: stop.signal });
    await expect(open).rejects.toMatchObject({
      code: 'store_failed',
      cure: expect.stringContaining('sqltrail migrate'),
    });
    await empty.stop();
  });

  it('ends the store of a service where a table goes, and rejects no row for it', async () => {
    const rejected: StoreRow[] = [];
    const { store } = await openService(server, { onRejected: (row) => rejected.push(row) });
    await server.rows('RENAME TABLE loss_events TO moved');
    store.add(events(0, 1)[0]!);
    await store.written();
    await server.rows('RENAME TABLE audit_events TO moved_too');
    store.add(events(1, 1)[0]!);
    await expect(store.written()).rejects.toMatchObject({ code: 'store_failed', retriable: false });
    await expect(store.close()).rejects.toMatchObject({ cure: expect.stringContaining('sqltrail migrate') });
    expect(rejected).toEqual([]);
    await server.rows('RENAME TABLE moved TO loss_events, moved_too TO audit_events');
  });
});
