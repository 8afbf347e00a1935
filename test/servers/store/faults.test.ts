import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Loss } from '../../../schemas/loss.ts';
import { connectionFacts, START_US } from '../../processors/store/events.ts';
import type { Fault } from '../../support/clickhouse/fault.ts';
import { type ClickhouseServer, startClickhouse } from '../../support/clickhouse.ts';
import { countsOf, emptyTables, entry, events, makeTables, openService } from './store-rig.ts';

let server: ClickhouseServer;
beforeAll(async () => {
  server = await startClickhouse();
  await makeTables(server);
});
afterAll(() => server.stop());
beforeEach(async () => {
  server.plan();
  await server.comeBack();
  await emptyTables(server);
});

const FAULTS: readonly (readonly [name: string, fault: Fault, said: string])[] = [
  ['too many parts', { kind: 'refuse', code: 252, name: 'TOO_MANY_PARTS' }, '252'],
  ['its memory limit', { kind: 'refuse', code: 241, name: 'MEMORY_LIMIT_EXCEEDED' }, '241'],
  ['Keeper out of reach', { kind: 'refuse', code: 999, name: 'KEEPER_EXCEPTION' }, '999'],
  ['a gateway that answers 500', { kind: 'status', status: 500 }, 'HTTP status 500'],
  ['a gateway that answers 503', { kind: 'status', status: 503 }, 'HTTP status 503'],
  ['no answer at all', { kind: 'hang' }, 'in time'],
  ['an answer lost after the insert', { kind: 'lose_answer' }, 'cannot be reached'],
];

describe('the store of a service', () => {
  it.each(FAULTS)('writes everything once after %s', async (_name, fault, said) => {
    const { store, troubles } = await openService(server, { batchRows: 100 }, 300);
    server.plan({ fault, times: 3 });
    for (const event of events(0, 250)) {
      await store.ready();
      store.add(event);
    }
    await store.written();
    await store.updateRollups();
    await store.close();
    expect(await countsOf(server)).toEqual({ audit: 250, ids: 250, facts: 250, rolled_up: 250 });
    // On a busy machine an honest answer may be late as well.
    expect(troubles.filter((trouble) => trouble.includes(said)).length).toBeGreaterThanOrEqual(3);
    expect(troubles.at(-1)).toBe('recovered');
  });

  it.each(['statements', 'audit_events', 'rollup_marks', 'loss_events', 'ledger'])(
    'writes a block of %s whose answer is lost once, without any merge',
    async (table) => {
      const { store } = await openService(server);
      server.plan({ fault: { kind: 'lose_answer' }, times: 2, queryContains: `INSERT INTO ${table} ` });
      store.add(events(0, 1)[0]!);
      store.add(new Loss(connectionFacts(1), START_US, 'gap', 9, true, 0, 100));
      store.addEntry(entry(0, 5));
      await store.written();
      await store.close();
      expect(store.counters.retries).toBe(2);
      expect(await server.rows(`SELECT count() AS n FROM ${table}`)).toEqual([{ n: 1 }]);
    },
  );

  it('waits for a server that is away for 20 seconds, says so, and goes on', async () => {
    const { store, troubles } = await openService(server, { batchRows: 100 });
    for (const event of events(0, 50)) store.add(event);
    await store.written();
    await server.goAway();
    for (const event of events(50, 250)) store.add(event);
    const written = store.written();
    await pause(20_000);
    expect(store.isAvailable).toBe(false);
    expect(store.ready()).not.toBeNull();
    await server.comeBack();
    await written;
    expect(store.isAvailable).toBe(true);
    await store.updateRollups();
    await store.close();
    expect(await countsOf(server)).toEqual({ audit: 300, ids: 300, facts: 300, rolled_up: 300 });
    expect(troubles.some((trouble) => trouble.includes('ECONNREFUSED'))).toBe(true);
  });

  it.skipIf(process.env['CLICKHOUSE_URL'] !== undefined)(
    'has what it called written after the server was killed, and everything once',
    async () => {
      const { store } = await openService(server, { batchRows: 40 });
      const all = events(0, 400);
      for (let i = 0; i < all.length; i += 100) {
        for (const event of all.slice(i, i + 100)) {
          await store.ready();
          store.add(event);
        }
        const written = store.written();
        await server.crash();
        await written;
        expect(await countsOf(server)).toMatchObject({ audit: i + 100, ids: i + 100 });
      }
      await store.updateRollups();
      await store.close();
      expect(await countsOf(server)).toMatchObject({ audit: 400, ids: 400, rolled_up: 400 });
    },
  );

  it('has everything once after many failures of every kind, with rollups summed up by several meanwhile', async () => {
    const { store } = await openService(server, { batchRows: 60 }, 300);
    const other = await openService(server);
    let seed = 11;
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor(seed / 65_536) % below;
    };
    const all = events(0, 1500);
    for (let i = 0; i < all.length; i += 50) {
      server.plan({ fault: FAULTS[next(FAULTS.length)]![1], times: next(3) });
      for (const event of all.slice(Math.max(0, i - 20), i + 50)) {
        await store.ready();
        store.add(event);
      }
      store.addEntry(entry(i % 7, i));
      if (next(2) === 0) await Promise.all([store.updateRollups(), other.store.updateRollups()]);
    }
    await store.written();
    await store.updateRollups();
    expect(await countsOf(server)).toMatchObject({ audit: 1500, ids: 1500, rolled_up: 1500 });
    expect(await server.rows('SELECT count() AS n, sum(version) AS v FROM ledger_entries')).toEqual([
      { n: 7, v: expect.any(Number) },
    ]);
    expect(await store.updateRollups()).toBe(0);
    await store.close();
    await other.store.close();
  });
});
