import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../schemas/ledger.ts';
import { readLedgerRecord } from '../../../schemas/ledger-record.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { FakeBroker } from './fake-broker.ts';
import { FakeProcess } from './fake-process.ts';
import { madeMessages } from './made-messages.ts';

const RECORDS = madeMessages(1)[0]!;
const HALF = Math.floor(RECORDS.length / 2);
const START_MS = 1_767_225_600_000;

describe('a topic that was deleted and made anew', () => {
  it('is read from its beginning by a process that knew a later position of the one before', async () => {
    const broker = new FakeBroker(1);
    await readToEnd(broker, 0, RECORDS.slice(0, HALF), START_MS);
    const known = eventsOf(broker).size;
    await readToEnd(broker, 0, RECORDS.slice(HALF), START_MS + 3_600_000);
    expect(eventsOf(broker).size).toBeGreaterThan(known);
    expect(eventsOf(broker)).toEqual(await eventsWithout());
  });

  it('goes on with the totals of the ledger, under greater versions', async () => {
    const broker = new FakeBroker(1);
    await readToEnd(broker, 0, RECORDS.slice(0, HALF), START_MS);
    await readToEnd(broker, 0, RECORDS.slice(HALF), START_MS + 3_600_000);
    let records = 0;
    for (const entry of newestOf(broker)) if (entry.unit === 'records') records += entry.takenIn;
    expect(records).toBe(RECORDS.length);
  });

  it('is not suspected where an old record is only delivered again', async () => {
    const broker = new FakeBroker(1);
    const process = await readToEnd(broker, 0, RECORDS, START_MS);
    const lines = broker.all(TOPIC.audit).length;
    process.next.set(0, 0);
    await process.handle(RECORDS.length);
    process.commit(() => {});
    await process.deliver(40);
    expect(broker.all(TOPIC.audit).length).toBe(lines);
  });
});

/** A process of its own reads the records, which are all that the topic holds. */
async function readToEnd(
  broker: FakeBroker,
  from: number,
  values: readonly Buffer[],
  timeMs: number,
): Promise<FakeProcess> {
  const log = broker.records(TOPIC.messages, 0);
  log.length = 0;
  for (const [offset, value] of values.entries())
    log.push({ topic: TOPIC.messages, partition: 0, offset, key: null, value, timeMs: timeMs + offset });
  const process = await FakeProcess.start(broker);
  await process.assign(0, new Map(), 100_000);
  process.next.set(0, from);
  await process.handle(values.length);
  process.commit(() => {});
  await process.deliver(40);
  return process;
}

async function eventsWithout(): Promise<Set<string>> {
  const broker = new FakeBroker(1);
  await readToEnd(broker, 0, RECORDS, START_MS);
  return eventsOf(broker);
}

function eventsOf(broker: FakeBroker): Set<string> {
  const lines = broker.all(TOPIC.audit).flatMap(({ value }) => value!.toString().trim().split('\n'));
  return new Set(lines.map((line) => (JSON.parse(line) as { event_id: string }).event_id));
}

function newestOf(broker: FakeBroker): LedgerEntry[] {
  const newest = new Map<string, LedgerEntry>();
  const none = () => expect.unreachable();
  const entry = (each: LedgerEntry) => {
    const key = `${each.stage}/${each.origin}/${each.ordinal}`;
    if ((newest.get(key)?.version ?? -1) < each.version) newest.set(key, each);
  };
  for (const { value } of broker.all(TOPIC.ledger)) readLedgerRecord(value!, { entry, loss: () => {}, bad: none });
  return [...newest.values()];
}
