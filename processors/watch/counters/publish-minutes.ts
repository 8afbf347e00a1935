import type { Bus } from '../../../bus/bus.ts';
import type { ServerMinute } from '../../../schemas/server-minute.ts';
import { serverMinuteLine } from '../../../schemas/server-minute-record.ts';
import { TOPIC } from '../../../schemas/topics.ts';

/** A line is some 2 KiB at most: records stay far below what the topic takes. */
const LINES_PER_RECORD = 500;

/** Brings minutes of one server to `mysql.ledger.v1`, all to one partition, in order. Rejects as the bus does. */
export async function publishMinutes(
  bus: Pick<Bus, 'send' | 'partitions'>,
  minutes: readonly ServerMinute[],
): Promise<void> {
  const [first] = minutes;
  if (first === undefined) return;
  const partition = partitionOf(first.serverId, await bus.partitions(TOPIC.ledger));
  for (let at = 0; at < minutes.length; at += LINES_PER_RECORD) {
    const lines = minutes.slice(at, at + LINES_PER_RECORD).map((minute) => `${serverMinuteLine(minute)}\n`);
    await bus.send(TOPIC.ledger, [{ partition, key: first.serverId, value: Buffer.from(lines.join('')) }]);
  }
}

function partitionOf(key: string, partitions: number): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash % partitions;
}
