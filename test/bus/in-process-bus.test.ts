import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { InProcessBus } from '../../bus/in-process-bus.ts';
import { busContract } from './contract.ts';
import { numbered } from './contract-support.ts';
import { RecordingMember } from './recording-member.ts';

let topics = 0;
busContract('in process', {
  open: async () => new InProcessBus({ partitions: 3, recordsPerPartition: 64, commitMs: 20 }),
  newTopic: async () => `contract.${topics++}`,
});

describe('in-process bus', () => {
  it('makes a producer wait while a partition is full and lets it go on when records are committed', async () => {
    const bus = new InProcessBus({ partitions: 1, recordsPerPartition: 2 });
    const events: string[] = [];
    await bus.send('t', [numbered(0)]);
    const second = bus.send('t', [numbered(1)]).then(() => events.push('sent 1'));
    await sleep(20);
    expect(events).toEqual([]);
    const member = new RecordingMember();
    await bus.subscribe(['t'], 'g', member);
    await second;
    await bus.caughtUp('t', 'g');
    expect(events).toEqual(['sent 1']);
    expect(member.texts).toEqual(['0', '1']);
    await bus.close();
  });

  it('keeps no record that every group has committed', async () => {
    const bus = new InProcessBus({ partitions: 1, recordsPerPartition: 8 });
    const [first, second] = [new RecordingMember(), new RecordingMember()];
    await bus.subscribe(['t'], 'first', first);
    await bus.subscribe(['t'], 'second', second);
    for (let i = 0; i < 100; i++) await bus.send('t', [numbered(i)]);
    await Promise.all([bus.caughtUp('t', 'first'), bus.caughtUp('t', 'second')]);
    const kept: unknown[] = [];
    for await (const records of bus.read('t', 0)) kept.push(...records);
    expect(kept).toEqual([]);
    await bus.close();
  });

  it('does not wait for its interval when a partition fills up', async () => {
    const bus = new InProcessBus({ partitions: 1, recordsPerPartition: 4, commitMs: 3_600_000 });
    const member = new RecordingMember();
    await bus.subscribe(['t'], 'g', member);
    for (let i = 0; i < 1000; i++) await bus.send('t', [numbered(i)]);
    await bus.caughtUp('t', 'g');
    expect(member.records).toHaveLength(1000);
    await bus.close();
  });

  it('lets waiting producers go when it is closed', async () => {
    const bus = new InProcessBus({ partitions: 1, recordsPerPartition: 1 });
    const sent = bus.send('t', [numbered(0)]);
    await bus.close();
    await expect(sent).resolves.toBeUndefined();
  });
});
