import { expect, it } from 'vitest';
import type { Bus } from '../../bus/bus.ts';
import { type ContractBus, numbered, texts } from './contract-support.ts';
import { RecordingMember } from './recording-member.ts';

/** The part of the contract about records: what is kept, in which order, and how it is read. */
export function recordContract({ newBus }: ContractBus): void {
  it('delivers the records of a partition in the order they were sent', async () => {
    const { bus, topic } = await newBus();
    const member = new RecordingMember();
    await bus.subscribe([topic], 'g', member);
    for (let i = 0; i < 50; i++) await bus.send(topic, [numbered(i, 1)]);
    await bus.caughtUp(topic, 'g');
    expect(member.texts).toEqual(texts(0, 50));
  });

  it('keeps the order of sends that nobody waited for', async () => {
    const { bus, topic } = await newBus();
    const member = new RecordingMember();
    await bus.subscribe([topic], 'g', member);
    await Promise.all(Array.from({ length: 40 }, (_, i) => bus.send(topic, [numbered(i, 2)])));
    await bus.caughtUp(topic, 'g');
    expect(member.texts).toEqual(texts(0, 40));
  });

  it('keeps the records of one call in their order in each partition', async () => {
    const { bus, topic } = await newBus();
    const member = new RecordingMember();
    await bus.subscribe([topic], 'g', member);
    await bus.send(
      topic,
      Array.from({ length: 12 }, (_, i) => numbered(i, i % 3)),
    );
    await bus.caughtUp(topic, 'g');
    expect(member.textsOf(0)).toEqual(['0', '3', '6', '9']);
    expect(member.textsOf(1)).toEqual(['1', '4', '7', '10']);
    expect(member.textsOf(2)).toEqual(['2', '5', '8', '11']);
  });

  it('numbers the records of a partition upwards and keeps their keys', async () => {
    const { bus, topic } = await newBus();
    const member = new RecordingMember();
    await bus.subscribe([topic], 'g', member);
    for (const key of ['a', null, 'a', 'ü']) await bus.send(topic, [{ partition: 0, key, value: Buffer.from('x') }]);
    await bus.caughtUp(topic, 'g');
    expect(member.records.map((record) => [record.topic, record.partition, record.offset, record.key])).toEqual([
      [topic, 0, 0, 'a'],
      [topic, 0, 1, null],
      [topic, 0, 2, 'a'],
      [topic, 0, 3, 'ü'],
    ]);
  });

  it('keeps the bytes of a value as they are, and tells no value from an empty one', async () => {
    const { bus, topic } = await newBus();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const member = new RecordingMember();
    await bus.subscribe([topic], 'g', member);
    const values = [bytes, null, Buffer.alloc(0), Buffer.alloc(300_000, bytes)];
    for (const value of values) await bus.send(topic, [{ partition: 2, key: 'k', value }]);
    await bus.caughtUp(topic, 'g');
    expect(member.records.map((record) => record.value?.toString('hex') ?? null)).toEqual(
      values.map((value) => value?.toString('hex') ?? null),
    );
  });

  it('says when a record was kept, the same at each delivery', async () => {
    const { bus, topic } = await newBus();
    await bus.send(topic, [numbered(0)]);
    const first = new RecordingMember();
    const second = new RecordingMember();
    await bus.subscribe([topic], 'first', first);
    await bus.subscribe([topic], 'second', second);
    await Promise.all([bus.caughtUp(topic, 'first'), bus.caughtUp(topic, 'second')]);
    expect(first.records[0]!.timeMs).toBeGreaterThan(1_600_000_000_000);
    expect(second.records[0]!.timeMs).toBe(first.records[0]!.timeMs);
  });

  it('says how many partitions a topic has, and refuses one it does not have without keeping anything of the call', async () => {
    const { bus, topic } = await newBus();
    expect(await bus.partitions(topic)).toBe(3);
    await expect(bus.send(topic, [numbered(0, 0), numbered(1, 3)])).rejects.toThrow(RangeError);
    expect(await readAll(bus, topic, 0)).toEqual([]);
  });

  it('reads a partition from the oldest record to the last as of the call, without a group', async () => {
    const { bus, topic } = await newBus();
    expect(await readAll(bus, topic, 0)).toEqual([]);
    for (let i = 0; i < 20; i++) await bus.send(topic, [numbered(i), numbered(100 + i, 1)]);
    expect(await readAll(bus, topic, 0)).toEqual(texts(0, 20));
    expect(await readAll(bus, topic, 1)).toEqual(texts(100, 120));
    expect(await readAll(bus, topic, 2)).toEqual([]);
    expect(await readAll(bus, topic, 0, 15)).toEqual(texts(15, 20));
    expect(await readAll(bus, topic, 0, 20)).toEqual([]);
  });

  it('reads all partitions at once, while records go on coming', async () => {
    const { bus, topic } = await newBus();
    for (let i = 0; i < 10; i++) await bus.send(topic, [numbered(i, 0), numbered(i, 1), numbered(i, 2)]);
    const reading = Promise.all([0, 1, 2].map((partition) => readAll(bus, topic, partition)));
    for (let i = 10; i < 20; i++) await bus.send(topic, [numbered(i, 0)]);
    for (const seen of await reading) expect(seen.slice(0, 10)).toEqual(texts(0, 10));
  });

  it('refuses to read a partition the topic does not have', async () => {
    const { bus, topic } = await newBus();
    await expect(readAll(bus, topic, 3)).rejects.toThrow(RangeError);
  });
}

async function readAll(bus: Bus, topic: string, partition: number, fromOffset?: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const records of bus.read(topic, partition, fromOffset)) {
    for (const record of records) seen.push(String(record.value));
  }
  return seen;
}
