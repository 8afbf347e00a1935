import type { Bus, BusRecord } from '../../bus/bus.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { TOPIC } from '../../schemas/topics.ts';
import { isWholeBatch } from '../topics/batch-shape.ts';
import { linesOf } from '../topics/record-json.ts';
import type { DeadLetter } from './read-letters.ts';

/** What a replay needs of the bus. */
export type ReplayBus = Pick<Bus, 'partitions' | 'read' | 'send'>;

/**
 * Sends what a dead letter is about to its topic and partition again: the whole record, its one line, or, where it stands for further
 * lines, the record from that line on: which of them were refused it does not say, and the others do no harm. It is sent only where
 * this version can read it, so that no letter comes back by itself, and no batch that was used in part is used again.
 *
 * @param isDryRun Does everything but the sending.
 * @returns Null where it was sent; else why it cannot be.
 * @throws SqltrailError `bus_*`, `record_too_large`.
 */
export async function replayLetter(bus: ReplayBus, letter: DeadLetter, isDryRun: boolean): Promise<string | null> {
  const { topic, partition } = letter;
  const obstacle = whyNever(letter);
  if (obstacle !== null) return obstacle;
  const origin = await originOf(bus, letter);
  if (origin === null || origin.value === null) return 'its origin is no longer kept';
  const value = valueToSend(letter, origin.value);
  if (value === null) return 'this version cannot read it either';
  if (!isDryRun) await bus.send(topic, [{ partition, key: origin.key, value }]);
  return null;
}

/** Topics whose readers take a record again without harm. */
function isReplayable(topic: string): boolean {
  return (
    topic === TOPIC.messages ||
    topic === TOPIC.audit ||
    topic === TOPIC.ledger ||
    topic === TOPIC.findings ||
    /^mysql\.after-/.test(topic)
  );
}

function whyNever({ topic, stage }: DeadLetter): string | null {
  if (!isReplayable(topic)) return `records of ${topic} are not sent again: they stand for a moment that is over`;
  // Decode would skip the messages of the batch: it has read them, a later stage of the same process failed.
  if (topic === TOPIC.messages && stage !== 'decode')
    return 'no topic holds the event: its stages ran in one process with decode';
  return null;
}

async function originOf(bus: ReplayBus, { topic, partition, offset }: DeadLetter): Promise<BusRecord | null> {
  try {
    if (partition >= (await bus.partitions(topic))) return null;
    for await (const [first] of bus.read(topic, partition, offset)) {
      if (first === undefined) continue;
      return first.offset === offset ? first : null;
    }
  } catch (error) {
    if (!(error instanceof SqltrailError && error.code === 'topic_missing')) throw error;
  }
  return null;
}

function valueToSend({ topic, line, further_lines: further }: DeadLetter, value: Buffer): Buffer | null {
  if (topic === TOPIC.messages) return isWholeBatch(value) ? value : null;
  const lines = linesOf(value);
  if (typeof line === 'number' && (further ?? 0) > 0) {
    const readable = lines.slice(line).filter(isJsonObject);
    return readable.length === 0 ? null : Buffer.from(`${readable.join('\n')}\n`);
  }
  const wanted = typeof line === 'number' ? lines.slice(line, line + 1) : lines;
  if (wanted.length === 0 || !wanted.every(isJsonObject)) return null;
  return typeof line === 'number' ? Buffer.from(`${wanted[0]}\n`) : value;
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
