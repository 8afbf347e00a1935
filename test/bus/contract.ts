import { afterEach, describe, expect, it } from 'vitest';
import type { Bus, BusRecord } from '../../bus/bus.ts';

/**
 * What every bus promises. Each implementation runs these tests, word for word the same.
 * @param create A bus whose topics have three partitions. Topic names are new in each test.
 */
export function busContract(name: string, create: () => Promise<Bus>): void {
  describe(`bus contract: ${name}`, () => {
    const open: Bus[] = [];
    let topics = 0;
    const newBus = async () => {
      const bus = await create();
      open.push(bus);
      return { bus, topic: `contract.${process.pid}.${Date.now()}.${topics++}` };
    };
    afterEach(async () => {
      for (const bus of open.splice(0)) await bus.close();
    });

    it('delivers the records of a partition in the order they were sent', async () => {
      const { bus, topic } = await newBus();
      const seen: string[] = [];
      await bus.subscribe(topic, 'g', async (record) => void seen.push(text(record)));
      for (let i = 0; i < 50; i++) await bus.send(topic, 1, null, value(i));
      await bus.caughtUp(topic, 'g');
      expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
    });

    it('numbers the records of each partition from 0 without holes and keeps their keys', async () => {
      const { bus, topic } = await newBus();
      const seen: [number, number, string | null][] = [];
      await bus.subscribe(topic, 'g', async (record) => void seen.push([record.partition, record.offset, record.key]));
      for (let i = 0; i < 6; i++) await bus.send(topic, i % 2, i < 4 ? `k${i}` : null, value(i));
      await bus.caughtUp(topic, 'g');
      expect(seen.filter(([p]) => p === 0)).toEqual([
        [0, 0, 'k0'],
        [0, 1, 'k2'],
        [0, 2, null],
      ]);
      expect(seen.filter(([p]) => p === 1)).toEqual([
        [1, 0, 'k1'],
        [1, 1, 'k3'],
        [1, 2, null],
      ]);
    });

    it('gives every record to every group, and to one member within a group', async () => {
      const { bus, topic } = await newBus();
      const seen: string[] = [];
      const member = (who: string) => async (record: BusRecord) =>
        void seen.push(`${who}:${record.partition}:${text(record)}`);
      await bus.subscribe(topic, 'a', member('a1'));
      await bus.subscribe(topic, 'a', member('a2'));
      await bus.subscribe(topic, 'b', member('b1'));
      for (let i = 0; i < 12; i++) await bus.send(topic, i % 3, null, value(i));
      await bus.caughtUp(topic, 'a');
      await bus.caughtUp(topic, 'b');
      const ofA = seen.filter((line) => line.startsWith('a'));
      expect(ofA.map((line) => Number(line.split(':')[2])).sort((x, y) => x - y)).toEqual(
        Array.from({ length: 12 }, (_, i) => i),
      );
      expect(seen.filter((line) => line.startsWith('b'))).toHaveLength(12);
    });

    it('delivers a record again after its handler failed, before the ones behind it', async () => {
      const { bus, topic } = await newBus();
      const seen: string[] = [];
      let failures = 2;
      await bus.subscribe(topic, 'g', async (record) => {
        seen.push(text(record));
        if (text(record) === '1' && failures-- > 0) throw new Error('not now');
      });
      for (let i = 0; i < 3; i++) await bus.send(topic, 0, null, value(i));
      await bus.caughtUp(topic, 'g');
      expect(seen).toEqual(['0', '1', '1', '1', '2']);
    });

    it('hands the partitions of a member that leaves to the others, from where it stood', async () => {
      const { bus, topic } = await newBus();
      const seen: string[] = [];
      const first = await bus.subscribe(topic, 'g', async (record) => void seen.push(text(record)));
      for (let i = 0; i < 6; i++) await bus.send(topic, i % 3, null, value(i));
      await bus.caughtUp(topic, 'g');
      await first.close();
      for (let i = 6; i < 12; i++) await bus.send(topic, i % 3, null, value(i));
      await bus.subscribe(topic, 'g', async (record) => void seen.push(text(record)));
      await bus.caughtUp(topic, 'g');
      expect(seen.map(Number).sort((x, y) => x - y)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    });

    it('starts a new group at the oldest record that is still kept', async () => {
      const { bus, topic } = await newBus();
      for (let i = 0; i < 3; i++) await bus.send(topic, 0, null, value(i));
      const seen: string[] = [];
      await bus.subscribe(topic, 'late', async (record) => void seen.push(text(record)));
      await bus.caughtUp(topic, 'late');
      expect(seen).toEqual(['0', '1', '2']);
    });

    it('does not commit a record while its handler runs', async () => {
      const { bus, topic } = await newBus();
      let finish = () => {};
      const running = new Promise<void>((resolve) => {
        finish = resolve;
      });
      let isCaughtUp = false;
      await bus.subscribe(topic, 'g', () => running);
      await bus.send(topic, 0, null, value(0));
      const caughtUp = bus.caughtUp(topic, 'g').then(() => {
        isCaughtUp = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(isCaughtUp).toBe(false);
      finish();
      await caughtUp;
      expect(isCaughtUp).toBe(true);
    });

    it('refuses a partition the topic does not have', async () => {
      const { bus, topic } = await newBus();
      await expect(bus.send(topic, 3, null, value(0))).rejects.toThrow(RangeError);
    });

    it('keeps the bytes of a value as they are', async () => {
      const { bus, topic } = await newBus();
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      const seen: Buffer[] = [];
      await bus.subscribe(topic, 'g', async (record) => void seen.push(Buffer.from(record.value)));
      await bus.send(topic, 2, null, bytes);
      await bus.caughtUp(topic, 'g');
      expect(seen).toEqual([bytes]);
    });
  });
}

function value(i: number): Buffer {
  return Buffer.from(String(i));
}

function text(record: BusRecord): string {
  return record.value.toString();
}
