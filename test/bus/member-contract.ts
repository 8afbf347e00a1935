import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type ContractBus, expectOrderedCalls, numbered, texts, until } from './contract-support.ts';
import { RecordingMember } from './recording-member.ts';

/** The part of the contract about one member: what is asked of it, in which order, and what its failures lead to. */
export function memberContract({ newBus }: ContractBus): void {
  it('delivers nothing of a partition before its assignment resolved', async () => {
    const { bus, topic } = await newBus();
    for (let i = 0; i < 6; i++) await bus.send(topic, [numbered(i, i % 3)]);
    const member = new RecordingMember({
      start: async (_topic, partition) => {
        await sleep(partition * 50);
        return null;
      },
    });
    await bus.subscribe([topic], 'g', member);
    await bus.caughtUp(topic, 'g');
    expectOrderedCalls(member);
    expect(member.texts.toSorted()).toEqual(texts(0, 6));
  });

  it('starts at the offset the member answers, and stands there for the group', async () => {
    const { bus, topic } = await newBus();
    for (let i = 0; i < 5; i++) await bus.send(topic, [numbered(i), numbered(i, 1)]);
    const member = new RecordingMember({ start: async (_topic, partition) => [3, 5, null][partition]! });
    await bus.subscribe([topic], 'g', member);
    await bus.caughtUp(topic, 'g');
    expect(member.textsOf(0)).toEqual(['3', '4']);
    expect(member.textsOf(1)).toEqual([]);
    await bus.send(topic, [numbered(5, 1)]);
    await bus.caughtUp(topic, 'g');
    expect(member.textsOf(1)).toEqual(['5']);
  });

  it('gives the partitions again when an assignment fails', async () => {
    const { bus, topic } = await newBus();
    await bus.send(topic, [numbered(0)]);
    let failures = 2;
    const member = new RecordingMember({
      start: async (_topic, partition) => {
        if (partition === 0 && failures-- > 0) throw new Error('not now');
        return null;
      },
    });
    await bus.subscribe([topic], 'g', member);
    await bus.caughtUp(topic, 'g');
    expect(member.texts).toEqual(['0']);
  });

  it('delivers a record again after its handling failed, from the last commit on and never out of order', async () => {
    const { bus, topic } = await newBus();
    let failures = 2;
    const member = new RecordingMember({
      handle: (record) => {
        if (String(record.value) === '4' && failures-- > 0) throw new Error('not now');
      },
    });
    await bus.subscribe([topic], 'g', member);
    for (let i = 0; i < 8; i++) await bus.send(topic, [numbered(i)]);
    await bus.caughtUp(topic, 'g');
    const seen = member.records.map((record) => record.offset);
    expect(seen.filter((offset) => offset === 4).length).toBeGreaterThanOrEqual(3);
    for (const [i, offset] of seen.entries()) expect(offset).toBeLessThanOrEqual(i === 0 ? 0 : seen[i - 1]! + 1);
    expect(seen.at(-1)).toBe(7);
    expectOrderedCalls(member);
  });

  it('delivers again what a failed commit was about', async () => {
    const { bus, topic } = await newBus();
    let failures = 1;
    const member = new RecordingMember({
      commit: async (positions) => {
        if (positions.length > 0 && failures-- > 0) throw new Error('not now');
        return positions;
      },
    });
    await bus.subscribe([topic], 'g', member);
    await bus.send(topic, [numbered(0), numbered(1)]);
    await bus.caughtUp(topic, 'g');
    expect(member.texts.at(-1)).toBe('1');
    expect(member.texts.filter((each) => each === '0').length).toBeGreaterThanOrEqual(2);
    expectOrderedCalls(member);
  });

  it('never runs two commits at once, and goes on delivering during one', async () => {
    const { bus, topic } = await newBus();
    let running = 0;
    let most = 0;
    let handledMeanwhile = 0;
    const member = new RecordingMember({
      handle: () => {
        handledMeanwhile += running;
      },
      commit: async (positions) => {
        most = Math.max(most, ++running);
        await sleep(30);
        running--;
        return positions;
      },
    });
    await bus.subscribe([topic], 'g', member);
    for (let i = 0; handledMeanwhile === 0 || i < 60; i++) {
      await bus.send(topic, [numbered(i, i % 3)]);
      await sleep(2);
    }
    await bus.caughtUp(topic, 'g');
    expect(most).toBe(1);
    expect(handledMeanwhile).toBeGreaterThan(0);
  });

  it('commits in its interval without being asked', async () => {
    const { bus, topic } = await newBus();
    const member = new RecordingMember();
    await bus.subscribe([topic], 'g', member);
    await bus.send(topic, [numbered(0)]);
    await until(() => member.records.length === 1);
    const before = member.commits;
    await until(() => member.commits > before + 1);
    expect(member.texts).toEqual(['0']);
  });

  it('delivers nothing more of a partition while a record of it is in hand, and goes on with the others', async () => {
    const { bus, topic } = await newBus();
    let finish = () => {};
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const member = new RecordingMember({ handle: (record) => (record.partition === 0 ? running : undefined) });
    await bus.subscribe([topic], 'g', member);
    for (let i = 0; i < 5; i++) await bus.send(topic, [numbered(i, 0), numbered(i, 1)]);
    await until(() => member.textsOf(1).length === 5 && member.textsOf(0).length > 0);
    for (let i = 5; i < 10; i++) await bus.send(topic, [numbered(i, 0), numbered(i, 1)]);
    await until(() => member.textsOf(1).length === 10);
    expect(member.textsOf(0)).toEqual(['0']);
    finish();
    await bus.caughtUp(topic, 'g');
    expect(member.textsOf(0)).toEqual(texts(0, 10));
  });
}
