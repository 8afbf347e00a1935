import type { Bus, BusRecord } from '../../bus/bus.ts';
import { SqltrailError } from '../../runtime/errors.ts';

export interface ReadRequest {
  readonly topic: string;
  /** Null: all of them, one after another. */
  readonly partition: number | null;
  /** In each partition; what is no longer kept is passed over. */
  readonly fromOffset: number;
  /** Records at most. */
  readonly limit: number;
}

/**
 * Records of a topic, without any group: nobody else's position moves.
 *
 * @param untilMore Called once all records there are have been read; resolves to false where there is to be no further look.
 * @throws SqltrailError `topic_missing`, `usage` for a partition it does not have, `bus_*`.
 */
export async function* readTopic(
  bus: Pick<Bus, 'partitions' | 'read'>,
  request: ReadRequest,
  untilMore: () => Promise<boolean>,
): AsyncGenerator<BusRecord> {
  const { topic, fromOffset, limit } = request;
  const nextOffsets = new Map(
    partitionsOf(request, await bus.partitions(topic)).map((partition) => [partition, fromOffset]),
  );
  let left = limit;
  do {
    for (const [partition, next] of nextOffsets) {
      for await (const records of bus.read(topic, partition, next)) {
        for (const record of records) {
          if (left === 0) return;
          yield record;
          left--;
          nextOffsets.set(partition, record.offset + 1);
        }
      }
    }
  } while (left > 0 && (await untilMore()));
}

function partitionsOf({ topic, partition }: ReadRequest, count: number): number[] {
  if (partition === null) return Array.from({ length: count }, (_, p) => p);
  if (partition < count) return [partition];
  throw new SqltrailError(
    'usage',
    `${topic} has no partition ${partition}.`,
    `It has ${count}: --partition 0 to ${count - 1}, or none for all.`,
  );
}
