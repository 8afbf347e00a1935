import { describe, expect, it } from 'vitest';
import { InProcessBus } from '../../bus/in-process-bus.ts';
import { busContract } from './contract.ts';

busContract('in process', async () => new InProcessBus({ partitions: 3, recordsPerPartition: 64 }));

describe('in-process bus', () => {
  it('makes a producer wait while a partition is full and lets it go on when a record is committed', async () => {
    const bus = new InProcessBus({ partitions: 1, recordsPerPartition: 2 });
    const events: string[] = [];
    await bus.send('t', 0, null, Buffer.from('a'));
    const second = bus.send('t', 0, null, Buffer.from('b')).then(() => events.push('sent b'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toEqual([]);
    await bus.subscribe('t', 'g', async (record) => void events.push(`got ${record.value}`));
    await second;
    await bus.caughtUp('t', 'g');
    expect(events).toContain('sent b');
    expect(events.filter((event) => event.startsWith('got'))).toEqual(['got a', 'got b']);
    await bus.close();
  });

  it('lets waiting producers go when it is closed', async () => {
    const bus = new InProcessBus({ partitions: 1, recordsPerPartition: 1 });
    const sent = bus.send('t', 0, null, Buffer.from('a'));
    await bus.close();
    await expect(sent).resolves.toBeUndefined();
  });
});
