import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../schemas/finding.ts';
import { readFindingRecord } from '../../../schemas/finding-record.ts';
import type { LedgerEntry } from '../../../schemas/ledger.ts';
import { readLedgerRecord } from '../../../schemas/ledger-record.ts';
import { stateTopic, TOPIC } from '../../../schemas/topics.ts';
import { FakeBroker } from './fake-broker.ts';
import { FakeProcess } from './fake-process.ts';
import { madeMessages } from './made-messages.ts';

const PARTITIONS = 3;
const RUNS = Number(process.env['CRASH_RUNS'] ?? 150);
const STATE = stateTopic('sqltrail.decode');
const RECORDS = madeMessages(PARTITIONS);

/** What may happen next; `process` is taken modulo how many there are. */
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('handle' as const),
      process: fc.nat(2),
      count: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('commit' as const), process: fc.nat(2) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      process: fc.nat(2),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 3,
    // The processes change. Each old one dies, or does not know that it has lost its partitions.
    arbitrary: fc.record({
      kind: fc.constant('rebalance' as const),
      count: fc.integer({ min: 1, max: 3 }),
      dead: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      sends: fc.oneof(fc.constant(1_000), fc.nat(8)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('zombies' as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  // A cycle of everybody comes to its end.
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('cycle' as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

describe('a group of processes', () => {
  let truth: Outcome;
  beforeAll(async () => {
    truth = await run([]);
  });

  it('has something to lose', () => {
    expect(truth.events.size).toBeGreaterThan(100);
    const texts = [...truth.events.values()].filter((line) => line.includes('"command":"execute"'));
    expect(texts.length).toBeGreaterThan(30);
    expect(texts.every((line) => line.includes('"statement_masked":"SELECT '))).toBe(true);
    const reasons = new Set([...truth.entries.values()].flatMap(({ lost }) => Object.keys(lost)));
    expect(reasons).toContain('dead_letter');
    expect(truth.findings.size).toBeGreaterThan(5);
  });

  it('gives the events, the ledger and the findings of an uninterrupted run, whoever crashes, lags or comes back when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (actions) => {
        const { events, entries, findings, letters } = await run(actions);
        expect(events).toEqual(truth.events);
        expect(totals(entries)).toEqual(totals(truth.entries));
        expect(parts(findings)).toEqual(parts(truth.findings));
        expect([...letters].sort()).toEqual([...truth.letters].sort());
      }),
      { numRuns: RUNS },
    );
  }, 600_000);
});

interface Outcome {
  /** Lines by event id. */
  readonly events: Map<string, string>;
  /** The newest by stage, origin and ordinal. */
  readonly entries: Map<string, LedgerEntry>;
  /** The newest by origin. */
  readonly findings: Map<string, Finding>;
  readonly letters: Set<string>;
}

async function run(actions: readonly Action[]): Promise<Outcome> {
  const broker = new FakeBroker(PARTITIONS);
  for (const [partition, values] of RECORDS.entries())
    broker.append(
      TOPIC.messages,
      values.map((value) => ({ partition, key: null, value })),
    );
  const committed = new Map<number, number>();
  const moved = (partition: number, offset: number) => committed.set(partition, offset);
  let processes = await newProcesses(broker, 1, committed, 1_000);
  const zombies: FakeProcess[] = [];
  for (const next of actions) {
    if (next.kind === 'compact') broker.compact(STATE);
    else if (next.kind === 'zombies') {
      for (const zombie of zombies) {
        await zombie.handle(next.count);
        // Its coordinator takes no offsets of it.
        zombie.commit(() => {});
        await zombie.deliver(next.count);
      }
    } else if (next.kind === 'rebalance') {
      for (const [i, old] of processes.entries()) {
        if (next.dead[i]) old.bus.isDead = true;
        else zombies.push(old);
      }
      processes = await newProcesses(broker, next.count, committed, next.sends);
    } else if (next.kind === 'cycle') {
      for (const process of processes) {
        await process.handle(next.count);
        process.commit(moved);
        await process.deliver(12);
      }
    } else {
      const process = processes[next.process % processes.length]!;
      if (next.kind === 'handle') await process.handle(next.count);
      else if (next.kind === 'commit') process.commit(moved);
      else await process.deliver(next.count);
    }
  }
  const [last] = await newProcesses(broker, 1, committed, 100_000);
  await last!.handle(1_000);
  last!.commit(moved);
  await last!.deliver(40);
  expect([...last!.next].sort()).toEqual(RECORDS.map((values, partition) => [partition, values.length]));
  return outcome(broker);
}

async function newProcesses(
  broker: FakeBroker,
  count: number,
  committed: ReadonlyMap<number, number>,
  sends: number,
): Promise<FakeProcess[]> {
  const processes: FakeProcess[] = [];
  for (let i = 0; i < count; i++) processes.push(await FakeProcess.start(broker));
  for (let partition = 0; partition < PARTITIONS; partition++)
    await processes[partition % count]!.assign(partition, committed, sends);
  return processes;
}

function outcome(broker: FakeBroker): Outcome {
  const events = new Map<string, string>();
  for (const { value } of broker.all(TOPIC.audit)) {
    for (const line of value!.toString().split('\n')) {
      if (line === '') continue;
      const { event_id } = JSON.parse(line);
      if (events.has(event_id)) expect(line).toBe(events.get(event_id));
      events.set(event_id, line);
    }
  }
  const entries = new Map<string, LedgerEntry>();
  for (const { value } of broker.all(TOPIC.ledger)) {
    const none = () => expect.unreachable();
    readLedgerRecord(value!, { entry: (entry) => keepNewer(entries, entry), loss: () => {}, bad: none });
  }
  const findings = new Map<string, Finding>();
  for (const { key, value } of broker.all(TOPIC.findings)) {
    const part = readFindingRecord(value!)!;
    expect(part.finding_id).toBe(key);
    const known = findings.get(part.origin);
    if (known?.version === part.version) expect(part).toEqual(known);
    if (known === undefined || part.version > known.version) findings.set(part.origin, part);
  }
  return { events, entries, findings, letters: new Set(broker.all(TOPIC.deadLetter).map(({ key }) => key!)) };
}

/** Each line by itself balances, and two of one version agree. */
function keepNewer(entries: Map<string, LedgerEntry>, entry: LedgerEntry): void {
  const lost = Object.values(entry.lost).reduce((sum, count) => sum + count, 0);
  expect(entry.takenIn).toBe(entry.passedOn + entry.open + lost);
  const key = `${entry.stage}/${entry.origin}/${entry.ordinal}`;
  const known = entries.get(key);
  if (known?.version === entry.version) expect(entry).toEqual(known);
  if (known === undefined || entry.version > known.version) entries.set(key, entry);
}

function parts(findings: ReadonlyMap<string, Finding>): unknown {
  return [...findings].map(([origin, { version: _, ...part }]) => [origin, part]).sort();
}

/** Versions depend on when somebody committed; the numbers do not. */
function totals(entries: ReadonlyMap<string, LedgerEntry>): unknown {
  return [...entries].map(([key, { version: _, ...entry }]) => [key, entry]).sort();
}
