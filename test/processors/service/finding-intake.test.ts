import { describe, expect, it } from 'vitest';
import { EventSteps } from '../../../processors/event-steps.ts';
import { FindingTotals } from '../../../processors/findings/finding-totals.ts';
import { Outputs, type RowStore } from '../../../processors/service/outputs.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { StageMember } from '../../../processors/service/stage-member.ts';
import type { Finding } from '../../../schemas/finding.ts';
import { findingRecord } from '../../../schemas/finding-record.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { madeRule, madeVerdict } from '../findings/made-verdicts.ts';
import { auditEvent } from '../store/events.ts';
import { FakeBroker, FakeBus } from './fake-broker.ts';

class FakeStore implements RowStore {
  readonly findings: Finding[] = [];
  add(): void {}
  addEntry(): void {}
  addServerMinute(): void {}
  addIdentity(): void {}
  addFinding(part: Finding): void {
    this.findings.push(part);
  }
  ready(): null {
    return null;
  }
  written(): Promise<void> {
    return Promise.resolve();
  }
}

async function member(): Promise<{ store: FakeStore; broker: FakeBroker; member: StageMember }> {
  const broker = new FakeBroker(3);
  const bus = new FakeBus(broker);
  bus.isImmediate = true;
  const chain = stageChain(['store']);
  const store = new FakeStore();
  const outputs = await Outputs.open(bus, chain, store);
  const fail = (error: unknown) => {
    throw error;
  };
  const parts = { chain, outputs, steps: new EventSteps({}), nowMs: () => 0, fail };
  return { store, broker, member: new StageMember(bus, parts, store) };
}

function record(partition: number, offset: number, value: Buffer | null) {
  return { topic: TOPIC.findings, partition, offset, key: null, value, timeMs: 0 };
}

describe('the store as a service', () => {
  it('takes findings from their topic, and makes dead letters of what is none', async () => {
    const { store, broker, member: one } = await member();
    const totals = new FindingTotals(() => 't/0/0');
    totals.add(auditEvent(1, 0), madeVerdict(madeRule('sqli.tautology', 'high')));
    const [part] = totals.takeChanges(4).parts.values();
    await one.assigned(TOPIC.findings, 1);
    await one.handle(record(1, 0, findingRecord(part!, 3).value));
    await one.handle(record(1, 1, Buffer.from('{"finding_id": 7}')));
    await one.handle(record(1, 2, null));
    expect(store.findings).toEqual([part]);
    expect(await one.commit()).toEqual([{ topic: TOPIC.findings, partition: 1, offset: 3 }]);
    const letters = broker.all(TOPIC.deadLetter).map(({ value }) => JSON.parse(value!.toString()));
    expect(letters).toMatchObject([
      { stage: 'store', reason: 'garbage', topic: TOPIC.findings, offset: 1 },
      { stage: 'store', reason: 'garbage', topic: TOPIC.findings, offset: 2 },
    ]);
    one.revoked(TOPIC.findings, 1);
    expect(await one.commit()).toEqual([]);
  });

  it('does what is to be done once where it has the first partition of the ledger', async () => {
    const { member: one } = await member();
    await one.assigned(TOPIC.ledger, 1);
    await one.assigned(TOPIC.findings, 0);
    expect(one.isLeader).toBe(false);
    await one.assigned(TOPIC.ledger, 0);
    expect(one.isLeader).toBe(true);
    one.revoked(TOPIC.findings, 0);
    expect(one.isLeader).toBe(true);
    one.revoked(TOPIC.ledger, 0);
    expect(one.isLeader).toBe(false);
  });
});
