import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../fuzz/random.ts';
import { type NumberedStatement, writeNumberedWorkload } from '../../support/numbered-workload.ts';
import { Fleet } from './fleet.ts';
import { compareWithTruth, unbalancedEntries, wrongActivity } from './ground-truth.ts';

const STATEMENTS = 200_000;
const KILLS = 50;
const OUTAGE_MS = 60_000;
const NUMBERED = "SELECT uniqExact(affected_rows) FROM audit_events WHERE command IN ('query', 'execute')";
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

let fleet: Fleet;
let truth: NumberedStatement[];
let capture: string;

beforeAll(async () => {
  fleet = await Fleet.start(6);
  capture = join(fleet.folder, 'workload.pcap');
  truth = await writeNumberedWorkload(capture, STATEMENTS, 48);
});
afterAll(() => fleet?.stop());

describe(`a fleet whose parts are killed at random (CHAOS_SEED=${SEED})`, () => {
  it(`loses and doubles nothing over ${KILLS} kills, an outage of each server, and every fault of ClickHouse`, async () => {
    const random = new Random(SEED);
    for (const name of ['processor 1', 'processor 2', 'processor 3']) fleet.serve(name, 'process');
    fleet.serve('store 1', 'process', '--stages', 'store');
    fleet.serve('store 2', 'process', '--stages', 'store');
    const edge = fleet.serve(
      'edge',
      'edge',
      '--read',
      capture,
      '--server-id',
      'db1',
      '--spool',
      join(fleet.folder, 'spool'),
    );
    const names = [...fleet.services.keys()];
    let kills = 0;
    const killFor = async (count: number) => {
      while (kills < count) {
        await sleep(300 + random.below(1_500));
        if (fleet.services.get(names[random.below(names.length)]!)!.kill()) kills++;
      }
    };
    await killFor(KILLS * 0.3);
    await fleet.kafka.down('SIGKILL');
    await sleep(OUTAGE_MS);
    await fleet.kafka.up();
    await killFor(KILLS * 0.5);
    await fleet.clickhouse.goAway();
    await sleep(OUTAGE_MS);
    await fleet.clickhouse.comeBack();
    await killFor(KILLS * 0.6);
    fleet.clickhouse.plan({ fault: { kind: 'status', status: 500 } });
    await killFor(KILLS * 0.7);
    fleet.clickhouse.plan({ fault: { kind: 'lose_answer' }, times: 10 });
    await killFor(KILLS * 0.8);
    fleet.clickhouse.plan({ fault: { kind: 'hang' }, times: 3 });
    await killFor(KILLS);
    fleet.clickhouse.plan();
    await edge.done();
    await fleet.until(NUMBERED, STATEMENTS, 180_000);
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    expect(await compareWithTruth(fleet, truth)).toEqual({ missing: [], doubled: [], wrong: [] });
    expect(await unbalancedEntries(fleet)).toEqual([]);
    // What is done again after a crash is counted once: the totals are part of the state that it begins from.
    const events = await fleet.number('SELECT count() FROM audit');
    for (const stage of ['decode', 'mask']) {
      const passedOn = `SELECT sum(passed_on) FROM ledger_entries WHERE stage = '${stage}' AND unit = 'events'`;
      await fleet.until(passedOn, events);
      expect([stage, await fleet.number(passedOn)]).toEqual([stage, events]);
    }
    await fleet.until('SELECT sum(events) FROM activity_per_minute', events);
    expect(await wrongActivity(fleet)).toEqual([]);
  }, 900_000);
});
