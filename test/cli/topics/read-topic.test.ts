import { describe, expect, it } from 'vitest';
import type { Bus, BusRecord } from '../../../bus/bus.ts';
import { type ReadRequest, readTopic } from '../../../cli/topics/read-topic.ts';

/** A topic in memory: the records' offsets by partition. */
function busWith(partitions: number[][]): Pick<Bus, 'partitions' | 'read'> {
  return {
    partitions: () => Promise.resolve(partitions.length),
    async *read(topic, partition, fromOffset = 0) {
      const offsets = partitions[partition]!.filter((offset) => offset >= fromOffset);
      for (const offset of offsets)
        yield [{ topic, partition, offset, key: null, value: null, timeMs: 0 } satisfies BusRecord];
    },
  };
}

async function placesOf(
  bus: Pick<Bus, 'partitions' | 'read'>,
  request: Partial<ReadRequest>,
  untilMore: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<string[]> {
  const places: string[] = [];
  const whole = { topic: 't', partition: null, fromOffset: 0, limit: Number.POSITIVE_INFINITY, ...request };
  for await (const { partition, offset } of readTopic(bus, whole, untilMore)) places.push(`${partition}/${offset}`);
  return places;
}

describe('reading a topic', () => {
  it('gives one partition after another, or one alone', async () => {
    const bus = busWith([[3, 5], [0]]);
    expect(await placesOf(bus, {})).toEqual(['0/3', '0/5', '1/0']);
    expect(await placesOf(bus, { partition: 1 })).toEqual(['1/0']);
  });

  it('begins at an offset and ends at a number of records over all partitions', async () => {
    const bus = busWith([[1, 2, 3], [2]]);
    expect(await placesOf(bus, { fromOffset: 2 })).toEqual(['0/2', '0/3', '1/2']);
    expect(await placesOf(bus, { limit: 2 })).toEqual(['0/1', '0/2']);
    expect(await placesOf(bus, { limit: 0 })).toEqual([]);
  });

  it('goes on with what came meanwhile, each record once, until it is told to end', async () => {
    const partitions = [[0], [7]];
    let looks = 0;
    const places = await placesOf(busWith(partitions), {}, () => {
      looks++;
      if (looks === 1) partitions[1]!.push(8);
      if (looks === 2) partitions[0]!.push(4, 5);
      return Promise.resolve(looks < 4);
    });
    expect(places).toEqual(['0/0', '1/7', '1/8', '0/4', '0/5']);
  });

  it('refuses a partition that the topic does not have, and says which there are', async () => {
    await expect(placesOf(busWith([[], []]), { partition: 2 })).rejects.toMatchObject({
      code: 'usage',
      cure: expect.stringContaining('0 to 1'),
    });
  });
});
