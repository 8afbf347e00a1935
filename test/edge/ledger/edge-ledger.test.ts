import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FramerCounters } from '../../../edge/framer/framer-counters.ts';
import { EdgeLedger } from '../../../edge/ledger/edge-ledger.ts';
import { secondsByMinute } from '../../../edge/ledger/seconds.ts';
import { TrafficGains } from '../../../edge/ledger/traffic-gains.ts';
import { TcpCounters } from '../../../edge/tcp/tcp-counters.ts';
import type { LedgerEntry, LedgerReason } from '../../../schemas/ledger.ts';

const MINUTE = 60_000;

function lostOf(entry: LedgerEntry): number {
  return Object.values(entry.lost).reduce((sum, amount) => sum + amount, 0);
}

function expectIdentity(entries: readonly LedgerEntry[]): void {
  for (const entry of entries) expect(entry.takenIn).toBe(entry.passedOn + entry.open + lostOf(entry));
}

describe('the ledger of an edge', () => {
  it('holds its identity in every published entry, and its totals replace each other by version', () => {
    const reasons: LedgerReason[] = ['spool_overflow', 'rejected', 'unreadable'];
    const step = fc.oneof(
      fc.record({
        kind: fc.constantFrom('sealed' as const, 'acked' as const, 'lost' as const),
        minute: fc.nat(12),
        messages: fc.nat(50),
        reason: fc.constantFrom(...reasons),
      }),
      fc.record({
        kind: fc.constant('gain' as const),
        minute: fc.nat(12),
        passed: fc.nat(100),
        gap: fc.nat(9),
        shed: fc.nat(9),
      }),
      fc.record({ kind: fc.constantFrom('publish' as const, 'fail' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.boolean(), (steps, keepsAll) => {
        const ledger = new EdgeLedger('e/1', 'db1', keepsAll);
        const table = new Map<string, LedgerEntry>();
        let sealed = 0;
        let bytes = 0;
        for (const [nowMs, each] of steps.entries()) {
          if (each.kind === 'sealed') {
            sealed += each.messages;
            ledger.sealed(each.minute * MINUTE, each.messages, nowMs);
          } else if (each.kind === 'acked') ledger.acked('e/1', each.minute * MINUTE, each.messages, nowMs);
          else if (each.kind === 'lost') ledger.lost('e/1', each.minute * MINUTE, each.messages, each.reason, nowMs);
          else if (each.kind === 'gain') {
            bytes += each.passed + each.gap + each.shed;
            const lost = { gap: each.gap, shed: each.shed };
            ledger.gain(each.minute * MINUTE, [{ unit: 'bytes', passedOn: each.passed, lost }], nowMs);
          } else {
            const changed = ledger.changed();
            expectIdentity(changed);
            for (const entry of changed) {
              const key = `${entry.origin} ${entry.ordinal}`;
              expect(entry.version).toBeGreaterThanOrEqual(table.get(key)?.version ?? -1);
              // A reader may see an entry of which the edge never hears that it arrived.
              table.set(key, entry);
            }
            if (each.kind === 'publish') ledger.published(changed, 6 * MINUTE);
          }
        }
        for (const entry of ledger.changed()) table.set(`${entry.origin} ${entry.ordinal}`, entry);
        const all = [...table.values()];
        const takenIn = (unit: string) => all.filter((e) => e.unit === unit).reduce((sum, e) => sum + e.takenIn, 0);
        expect(takenIn('messages')).toBe(sealed);
        expect(takenIn('bytes')).toBe(bytes);
        expectIdentity(all);
      }),
      { numRuns: 300 },
    );
  });

  it('forgets what is published, complete and past, and counts what comes later beside it', () => {
    const ledger = new EdgeLedger('e/1', 'db1', false);
    ledger.sealed(0, 5, 1);
    ledger.acked('e/1', 0, 5, 2);
    ledger.published(ledger.changed(), 10 * MINUTE);
    expect(ledger.size).toBe(0);
    ledger.sealed(0, 1, 3);
    expect(ledger.changed()).toMatchObject([{ ordinal: 1, takenIn: 1, open: 1 }]);
    ledger.published(ledger.changed(), 10 * MINUTE);
    expect(ledger.size).toBe(1);
  });

  it('counts the same under the same ordinals where it keeps all', () => {
    const count = (publishes: boolean) => {
      const ledger = new EdgeLedger('e/1', 'db1', true);
      for (const minute of [0, 9, 0, 20, 9]) {
        ledger.sealed(minute * MINUTE, 1, 1);
        ledger.acked('e/1', minute * MINUTE, 1, 1);
        if (publishes) ledger.published(ledger.changed(), minute * MINUTE);
      }
      return ledger.entries().map(({ version: _version, ...rest }) => rest);
    };
    expect(count(true)).toEqual(count(false));
  });

  it('goes on with the entries of an earlier run', () => {
    const first = new EdgeLedger('e/1', 'db1', false);
    first.sealed(0, 5, 1_000);
    const second = new EdgeLedger('e/2', 'db1', false);
    second.restore(first.entries());
    second.acked('e/1', 0, 3, 2_000);
    second.lost('e/1', 0, 2, 'capture_not_running', 2_000);
    second.acked('e/0', 0, 3, 2_000);
    expect(second.changed()).toMatchObject([
      { origin: 'e/1', ordinal: 0, takenIn: 5, passedOn: 3, open: 0, lost: { capture_not_running: 2 } },
    ]);
    second.published(second.changed(), 0);
    expect(second.size).toBe(0);
  });

  it('counts by hour where very many minutes wait to be published', () => {
    const ledger = new EdgeLedger('e/1', 'db1', false);
    for (let minute = 0; minute < 20_000; minute++) ledger.sealed(ledger.minuteOf(minute * MINUTE), 1, 1);
    expect(ledger.size).toBeLessThan(16_500);
    expect(ledger.changed().reduce((sum, entry) => sum + entry.takenIn, 0)).toBe(20_000);
  });
});

describe('what traffic gains', () => {
  it('accounts for every segment, connection and byte, whatever the counters say', () => {
    const counts = fc.record({
      segments: fc.nat(1000),
      deliveredBytes: fc.nat(10_000),
      gapBytes: fc.nat(100),
      tlsBytes: fc.nat(100),
      unreadableBytes: fc.nat(20_000),
      shedOpen: fc.nat(5),
      droppedByKernel: fc.nat(10),
    });
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 20 }), (all) => {
        const tcp = new TcpCounters();
        const framer = new FramerCounters();
        const gains = new TrafficGains();
        let droppedByKernel = 0;
        for (const each of all) {
          tcp.segments += each.segments;
          tcp.deliveredBytes += each.deliveredBytes;
          tcp.gapBytes += each.gapBytes;
          tcp.shedConnections += each.shedOpen;
          tcp.shedOpenConnections += each.shedOpen;
          framer.tlsBytes += each.tlsBytes;
          framer.unreadableBytes += each.unreadableBytes;
          droppedByKernel += each.droppedByKernel;
          for (const { passedOn, lost } of gains.take({ tcp, framer, droppedByKernel, droppedByInterface: 0 })) {
            expect(passedOn).toBeGreaterThanOrEqual(0);
            for (const amount of Object.values(lost)) expect(amount).toBeGreaterThanOrEqual(0);
          }
        }
        for (const { passedOn } of gains.take({ tcp, framer, droppedByKernel, droppedByInterface: 0 }))
          expect(passedOn).toBe(0);
      }),
    );
  });
});

describe('seconds by minute', () => {
  it('adds up to the span, each second in its own minute', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000_000), fc.nat(2_000_000), (from, length) => {
        const spans = secondsByMinute(from, from + length);
        expect(spans.reduce((sum, each) => sum + each.seconds, 0)).toBe(length);
        expect(spans.length).toBeLessThanOrEqual(7 * 24 * 60);
        for (const each of spans.slice(1)) expect(each.seconds).toBeLessThanOrEqual(60);
      }),
      { numRuns: 50 },
    );
    expect(secondsByMinute(100, 130)).toEqual([
      { minuteMs: 60_000, seconds: 20 },
      { minuteMs: 120_000, seconds: 10 },
    ]);
    expect(secondsByMinute(100, 90)).toEqual([]);
  });
});
