import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mergedFinding } from '../../../processors/findings/merged-finding.ts';
import type { Alert } from '../../../schemas/alert.ts';
import type { Finding } from '../../../schemas/finding.ts';
import { findingRecord } from '../../../schemas/finding-record.ts';
import type { LedgerEntry } from '../../../schemas/ledger.ts';
import { readLedgerRecord } from '../../../schemas/ledger-record.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { FakeBroker } from '../service/fake-broker.ts';
import { ALERT_STATE, FakeAlertProcess, FakeReceivers } from './fake-alert-process.ts';
import { madeFinding } from './made-finding.ts';

const PARTITIONS = 2;
const RUNS = Number(process.env['CRASH_RUNS'] ?? 150);
const TIMEOUT_MS = Math.max(600_000, 1_000 * RUNS);
const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
const RECEIVERS = ['hook', 'mail'] as const;
/** Gets some alerts, and of the rest summaries. */
const LIMITED = 'pager';
const LIMITS = { [LIMITED]: { maxPerMinute: 2, maxWaiting: 4 } };

/** Findings of several campaigns in parts of several origins, which grow and become graver. */
const PARTS: readonly Finding[] = Array.from({ length: 120 }, (_, i) =>
  madeFinding({
    area: ['sqli', 'recon', 'exfil'][i % 3]!,
    client: `10.0.3.${(i * 7) % 5}`,
    origin: `mysql.messages.v1/${(i * 3) % 4}`,
    version: i + 1,
    events: 1 + i * i,
    severity: SEVERITIES[Math.min(3, Math.floor(i / 35) + (i % 2))]!,
  }),
);

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('handle' as const), count: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 10, max: 20_000 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('rebalance' as const),
      count: fc.integer({ min: 1, max: 2 }),
      isDead: fc.boolean(),
      sends: fc.oneof(fc.constant(1_000), fc.nat(8)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('zombies' as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('turn' as const), receiver: fc.constantFrom(...RECEIVERS, LIMITED) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_767_225_700_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a group of alerting processes', () => {
  it(
    'tells every receiver of every finding at its last severity, or one with limits of it in a summary, by whatever crashes and outages, and accounts for it',
    async () => {
      let summaries = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (actions) => {
          const { broker, receivers } = await run(actions);
          const truth = finalFindings();
          expect(truth.size).toBeGreaterThan(8);
          for (const name of RECEIVERS) {
            const alerts = receivers.received.get(name)!;
            const told = new Set(
              alerts.flatMap(({ findings }) => findings.map((each) => `${each.finding_id} ${each.severity}`)),
            );
            for (const [id, { severity }] of truth) expect(told).toContain(`${id} ${severity}`);
            expectSameById(alerts);
          }
          const limited = receivers.received.get(LIMITED)!;
          const heard = new Set(
            limited.flatMap(({ findings }) => findings.map((each) => `${each.finding_id} ${each.severity}`)),
          );
          const summed = new Set(limited.flatMap(({ summary }) => summary?.finding_ids ?? []));
          summaries += summed.size;
          for (const [id, { severity }] of truth) if (!summed.has(id)) expect(heard).toContain(`${id} ${severity}`);
          expectSameById(limited);
          for (const entry of ledgerOf(broker)) {
            const lost = Object.values(entry.lost).reduce((sum, count) => sum + count, 0);
            expect(entry.takenIn).toBe(entry.passedOn + entry.open + lost);
            expect(entry.open).toBe(0);
          }
        }),
        { numRuns: RUNS },
      );
      expect(summaries).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it('sends nothing twice where nothing goes wrong', async () => {
    const { receivers } = await run([]);
    for (const name of RECEIVERS) {
      const ids = receivers.received.get(name)!.map((alert) => alert.alert_id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('keeps what a receiver that is down for an hour was not told, over restarts', async () => {
    const turns: Action[] = Array.from({ length: 60 }, (_, i): Action[] => [
      { kind: 'handle', count: 2 },
      { kind: 'pass', ms: 20_000 },
      { kind: 'deliver', count: 8 },
      { kind: 'pass', ms: 40_000 },
      { kind: 'commit' },
      { kind: 'deliver', count: 8 },
      ...(i % 20 === 10 ? [{ kind: 'rebalance', count: 1, isDead: true, sends: 1_000 } as const] : []),
    ]).flat();
    const { receivers } = await run([{ kind: 'turn', receiver: 'hook' }, ...turns]);
    const [hook, mail] = RECEIVERS.map((name) => new Set(receivers.received.get(name)!.map((alert) => alert.alert_id)));
    expect(mail!.size).toBeGreaterThan(10);
    expect(hook).toEqual(mail);
  });
});

async function run(actions: readonly Action[]) {
  const broker = new FakeBroker(PARTITIONS);
  broker.append(
    TOPIC.findings,
    PARTS.map((part) => findingRecord(part, PARTITIONS)),
  );
  const receivers = new FakeReceivers([...RECEIVERS, LIMITED], LIMITS);
  const committed = new Map<number, number>();
  const moved = (partition: number, offset: number) => committed.set(partition, offset);
  const all: FakeAlertProcess[] = [];
  let processes: FakeAlertProcess[] = [];
  const begin = async (count: number, sends: number) => {
    processes = [];
    for (let i = 0; i < count; i++) processes.push(await FakeAlertProcess.start(broker, receivers));
    all.push(...processes);
    for (let partition = 0; partition < PARTITIONS; partition++)
      await processes[partition % count]!.assign(partition, committed, sends);
  };
  await begin(1, 1_000);
  // The first owner of all has said that it is there: until then a second would take itself for the first, too.
  await processes[0]!.handle(1);
  processes[0]!.commit(moved);
  await processes[0]!.deliver(4);
  const zombies: FakeAlertProcess[] = [];
  for (const next of actions) {
    if (next.kind === 'compact') broker.compact(ALERT_STATE);
    else if (next.kind === 'turn') {
      if (!receivers.down.delete(next.receiver)) receivers.down.add(next.receiver);
    } else if (next.kind === 'pass') {
      for (const each of [...processes, ...zombies]) each.tick();
      await vi.advanceTimersByTimeAsync(next.ms);
      for (const each of [...processes, ...zombies]) each.tick();
    } else if (next.kind === 'zombies') {
      for (const zombie of zombies) {
        await zombie.handle(next.count);
        zombie.tick();
        zombie.commit(() => {});
        await zombie.deliver(next.count);
      }
    } else if (next.kind === 'rebalance') {
      for (const old of processes) {
        if (next.isDead) old.bus.isDead = true;
        else zombies.push(old);
      }
      await begin(next.count, next.sends);
    } else
      for (const each of processes) {
        if (next.kind === 'handle') await each.handle(next.count);
        else if (next.kind === 'commit') each.commit(moved);
        else await each.deliver(next.count);
      }
  }
  for (const each of all) each.bus.isDead = true;
  receivers.down.clear();
  await begin(1, 1e9);
  const [last] = processes;
  await last!.handle(1_000);
  for (let i = 0; i < 8; i++) {
    last!.tick();
    await last!.deliver(8);
    await vi.advanceTimersByTimeAsync(15_000);
    last!.commit(moved);
    await last!.deliver(12);
  }
  return { broker, receivers };
}

/** What every finding that is to be told comes to. */
function finalFindings(): Map<string, Finding> {
  const parts = new Map<string, Map<string, Finding>>();
  for (const part of PARTS) {
    const known = parts.get(part.finding_id) ?? new Map<string, Finding>();
    parts.set(part.finding_id, known.set(part.origin, part));
  }
  const merged = [...parts.values()].map((origins) => mergedFinding(origins.values())!);
  return new Map(merged.filter(({ severity }) => severity !== 'low').map((each) => [each.finding_id, each]));
}

/** What has the same id tells of the same findings the same: a receiver may drop the second. */
function expectSameById(alerts: readonly Alert[]): void {
  const told = new Map<string, string>();
  for (const alert of alerts) {
    const text = JSON.stringify([
      alert.findings.map(({ finding_id: id, severity, reason }) => [id, severity, reason]).sort(),
      alert.summary?.alerts,
    ]);
    expect(told.get(alert.alert_id) ?? text).toBe(text);
    told.set(alert.alert_id, text);
  }
}

/** The newest of each entry. */
function ledgerOf(broker: FakeBroker): LedgerEntry[] {
  const entries = new Map<string, LedgerEntry>();
  for (const { value } of broker.all(TOPIC.ledger)) {
    const entry = (each: LedgerEntry) => {
      const key = `${each.origin}/${each.ordinal}`;
      if (each.version >= (entries.get(key)?.version ?? -1)) entries.set(key, each);
    };
    readLedgerRecord(value!, { entry, loss: () => expect.unreachable(), bad: () => expect.unreachable() });
  }
  return [...entries.values()];
}
