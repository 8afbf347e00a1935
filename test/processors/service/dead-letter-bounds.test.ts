import { describe, expect, it } from 'vitest';
import type { Bus, OutgoingRecord } from '../../../bus/bus.ts';
import { EventSteps } from '../../../processors/event-steps.ts';
import { Mask } from '../../../processors/mask/mask.ts';
import { EventReader } from '../../../processors/service/event-reader.ts';
import { Outputs } from '../../../processors/service/outputs.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { Task } from '../../../processors/service/task.ts';
import { readDeadLetter } from '../../../schemas/dead-letter.ts';
import { TOPIC } from '../../../schemas/topics.ts';

const LIMIT_BYTES = 1_048_588;

describe('dead letters', () => {
  it('of a record of one-byte lines are 101, of which the last counts the rest', async () => {
    const { bus, sent } = recordingBus();
    const { task, outputs } = await makeTask(bus);
    const lines = 256 * 1024;
    task.handle(record(0, Buffer.from('x\n'.repeat(lines))));
    task.handle(record(1, Buffer.from('x\n'.repeat(100))));
    await outputs.accounted();
    const letters = sent(TOPIC.deadLetter).map(({ value }) => readDeadLetter(value!)!);
    expect(letters.map(({ line }) => line)).toEqual([...range(101), ...range(100)]);
    expect(letters.map(({ furtherLines = 0 }) => furtherLines).filter((more) => more > 0)).toEqual([lines - 101]);
    expect(outputs.lettersByReason).toEqual(new Map([['bad_line', 201]]));
    const { entries } = task.totals.takeChanges(2);
    expect(entries.map(({ takenIn, passedOn, lost }) => [takenIn, passedOn, lost])).toEqual([
      [2, 0, { dead_letter: 2 }],
    ]);
  });

  it('of many records go in requests that an ordinary topic takes, each once', async () => {
    const { bus, sent, largest } = recordingBus();
    const { task, outputs } = await makeTask(bus);
    const count = 20_000;
    for (let offset = 0; offset < count; offset++) task.handle(record(offset, null));
    await outputs.accounted();
    expect(sent(TOPIC.deadLetter).map(({ key }) => key)).toEqual(range(count).map((i) => `${task.topic}/0/${i}`));
    expect(largest()).toBeLessThan(LIMIT_BYTES);
  });
});

async function makeTask(bus: Bus) {
  const chain = stageChain(['mask']);
  const outputs = await Outputs.open(bus, chain, null);
  const fail = (error: unknown) => {
    throw error;
  };
  const parts = { chain, outputs, steps: new EventSteps({ mask: new Mask() }), nowMs: () => 0, fail };
  return { task: new Task(chain.input, 0, parts, () => new EventReader()), outputs };
}

function record(offset: number, value: Buffer | null) {
  return { topic: stageChain(['mask']).input, partition: 0, offset, key: null, value, timeMs: 60_000 + offset };
}

function recordingBus() {
  const requests: { topic: string; records: readonly OutgoingRecord[] }[] = [];
  const bus = {
    partitions: async () => 1,
    send: async (topic: string, records: readonly OutgoingRecord[]) => void requests.push({ topic, records }),
  } as unknown as Bus;
  const bytesOf = (records: readonly OutgoingRecord[]) =>
    records.reduce((sum, { key, value }) => sum + 32 + (key?.length ?? 0) + (value?.length ?? 0), 128);
  return {
    bus,
    sent: (wanted: string) => requests.filter(({ topic }) => topic === wanted).flatMap(({ records }) => [...records]),
    largest: () => Math.max(...requests.map(({ records }) => bytesOf(records))),
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
