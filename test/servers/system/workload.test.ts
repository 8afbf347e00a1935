import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NumberedStatement, writeNumberedWorkload } from '../../support/numbered-workload.ts';
import { Fleet } from './fleet.ts';
import { compareWithTruth, unbalancedEntries, wrongActivity } from './ground-truth.ts';

const STATEMENTS = 200_000;
const NUMBERED = "SELECT uniqExact(affected_rows) FROM audit_events WHERE command IN ('query', 'execute')";

let fleet: Fleet;
let truth: NumberedStatement[];
let capture: string;

beforeAll(async () => {
  fleet = await Fleet.start(6);
  capture = join(fleet.folder, 'workload.pcap');
  truth = await writeNumberedWorkload(capture, STATEMENTS, 48);
});
afterAll(() => fleet?.stop());

describe('edge, Kafka, three processors, store, ClickHouse', () => {
  it('hold every statement of a workload once, half of them prepared, as it was sent', async () => {
    for (const name of ['processor 1', 'processor 2', 'processor 3']) fleet.serve(name, 'process');
    fleet.serve('store', 'process', '--stages', 'store');
    const edge = fleet.serve('edge', 'edge', '--read', capture, '--server-id', 'db1');
    await edge.done();
    await fleet.until(NUMBERED, STATEMENTS);
    expect(truth.filter(({ command }) => command === 'execute').length).toBe(STATEMENTS / 2);
    expect(await compareWithTruth(fleet, truth)).toEqual({ missing: [], doubled: [], wrong: [] });
  });

  it('account for everything: each entry of the ledger is balanced, and the stages agree', async () => {
    await fleet.until(
      "SELECT sum(passed_on) FROM ledger_entries WHERE stage = 'store' AND unit = 'events'",
      STATEMENTS,
    );
    expect(await unbalancedEntries(fleet)).toEqual([]);
    const events = await fleet.number('SELECT count() FROM audit');
    for (const stage of ['decode', 'mask', 'store']) {
      const passedOn = `SELECT sum(passed_on) FROM ledger_entries WHERE stage = '${stage}' AND unit = 'events'`;
      expect([stage, await fleet.number(passedOn)]).toEqual([stage, events]);
    }
    expect(await fleet.number("SELECT min(share_complete) FROM coverage WHERE server_id = 'db1'")).toBe(1);
  });

  it('give sums per minute that are those of the rows', async () => {
    await fleet.until('SELECT sum(events) FROM activity_per_minute', await fleet.number('SELECT count() FROM audit'));
    expect(await wrongActivity(fleet)).toEqual([]);
  });
});
