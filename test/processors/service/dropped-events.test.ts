import { describe, expect, it } from 'vitest';
import type { Bus, OutgoingRecord } from '../../../bus/bus.ts';
import { Decode } from '../../../processors/decode/decode.ts';
import { type EventStep, EventSteps, type StepName } from '../../../processors/event-steps.ts';
import { Mask } from '../../../processors/mask/mask.ts';
import { MaskingPolicy } from '../../../processors/mask/masking-policy.ts';
import { Pipeline } from '../../../processors/pipeline.ts';
import { MessageReader } from '../../../processors/service/message-reader.ts';
import { Outputs } from '../../../processors/service/outputs.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { Task } from '../../../processors/service/task.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import type { Loss } from '../../../schemas/loss.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { madeMessages } from './made-messages.ts';

const PASSES: EventStep = { apply: () => 'passed_on' };
const dropping = () => new Mask(new MaskingPolicy({ keep: [], drop: [{ user: 'user1' }] }));
const [records] = madeMessages(1) as [Buffer[]];

describe('an event that the policy drops', () => {
  it('goes no further than mask, and is in its ledger only', async () => {
    const all = await runTask(new Mask());
    const some = await runTask(dropping());
    const isOther = (line: string) => JSON.parse(line).user_name !== 'user1';
    expect(some.lines).toEqual(all.lines.filter(isOther));
    const dropped = all.lines.length - some.lines.length;
    expect(dropped).toBeGreaterThan(10);
    expect(some.sums.decode).toEqual(all.sums.decode);
    expect(some.sums.mask).toEqual({ ...all.sums.mask, passedOn: some.lines.length, dropped });
    expect(some.sums.detect).toEqual({ takenIn: some.lines.length, passedOn: some.lines.length, open: 0, dropped: 0 });
  });

  it('reaches no later step', () => {
    const seen: StepName[] = [];
    const step = (name: StepName, verdict: 'passed_on' | 'dropped_by_policy') => ({
      apply: () => {
        seen.push(name);
        return verdict;
      },
    });
    const steps = new EventSteps({
      detect: step('detect', 'passed_on'),
      mask: step('mask', 'dropped_by_policy'),
      identify: step('identify', 'passed_on'),
    });
    const event = new AuditEvent({
      uid: 'a',
      serverId: 's',
      clientAddress: '10.0.0.1',
      clientPort: 1,
      serverAddress: '10.0.0.2',
      serverPort: 3306,
    });
    expect(steps.run(event)).toBe('mask');
    expect(seen).toEqual(['identify', 'mask']);
  });

  it('reaches no sink of the embedded run, and is counted', async () => {
    const kept = await runPipeline(new Mask());
    const some = await runPipeline(dropping());
    expect(some.users).toEqual(kept.users.filter((user) => user !== 'user1'));
    expect(some.dropped).toBe(kept.users.length - some.users.length);
    expect(some.dropped).toBeGreaterThan(10);
    expect(kept.dropped).toBe(0);
  });
});

async function runTask(mask: Mask) {
  const chain = stageChain(['decode', 'mask', 'detect']);
  const sent: OutgoingRecord[] = [];
  const bus = {
    partitions: async () => 1,
    send: async (topic: string, outgoing: readonly OutgoingRecord[]) => {
      if (topic === TOPIC.audit) sent.push(...outgoing);
    },
  } as unknown as Bus;
  const outputs = await Outputs.open(bus, chain, null);
  const fail = (error: unknown) => {
    throw error;
  };
  const parts = { chain, outputs, steps: new EventSteps({ mask, detect: PASSES }), nowMs: () => 0, fail };
  const task = new Task(chain.input, 0, parts, (counts) => new MessageReader(counts));
  for (const [offset, value] of records.entries())
    task.handle({ topic: chain.input, partition: 0, offset, key: null, value, timeMs: 60_000 + offset });
  await outputs.written();
  const none = { takenIn: 0, passedOn: 0, open: 0, dropped: 0 };
  const sums = { decode: { ...none }, mask: { ...none }, detect: { ...none } };
  for (const { stage, unit, takenIn, passedOn, open, lost } of task.totals.takeChanges(1).entries) {
    if (unit !== 'events') continue;
    const sum = sums[stage as keyof typeof sums];
    sum.takenIn += takenIn;
    sum.passedOn += passedOn;
    sum.open += open;
    sum.dropped += lost.dropped_by_policy ?? 0;
    expect(takenIn).toBe(passedOn + open + Object.values(lost).reduce((all, count) => all + count, 0));
  }
  return { lines: sent.flatMap(({ value }) => value!.toString().trimEnd().split('\n')), sums };
}

async function runPipeline(mask: Mask) {
  const users: string[] = [];
  const sink = {
    add: (output: AuditEvent | Loss) => {
      if (output instanceof AuditEvent) users.push(output.userName);
    },
    ready: () => null,
    tick: () => {},
    close: () => Promise.resolve(),
  };
  const fail = (error: unknown) => {
    throw error;
  };
  const pipeline = new Pipeline(new Decode({ keepsRaw: false }), new EventSteps({ mask }), [sink], fail);
  for (const [offset, value] of records.entries())
    await pipeline.handle({ topic: TOPIC.messages, partition: 0, offset, key: null, value, timeMs: offset });
  return { users, dropped: pipeline.droppedByPolicy };
}
