import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Spool } from '../../../edge/shipping/spool.ts';
import { batch, LONG_MS, make, settle } from './made-shipping.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqltrail-shipping-'));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

describe('shipping', () => {
  it('loses nothing silently and keeps the order of each partition, whatever Kafka, the disk and kills do', async () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ kind: fc.constant('push' as const), bytes: fc.integer({ min: 4, max: 400 }) }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('ack' as const, 'later' as const) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('fail' as const, 'lost answer' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        fc.constantFrom('drop' as const, 'wait' as const),
        async (steps, overflow) => {
          rmSync(directory, { recursive: true, force: true });
          const kept: number[][] = [[], [], []];
          const gone = new Set<number>();
          const counted = new Set<number>();
          const start = () => {
            const made = make({
              spool: Spool.open(directory, 3_000),
              overflow,
              onAcked: (each) => counted.add(each.minuteMs),
              onLost: (each) => gone.add(each.minuteMs),
            });
            made.bus.kept.splice(0, 3, ...kept);
            return made;
          };
          let { bus, shipping } = start();
          let next = 0;
          for (const each of steps) {
            if (each.kind === 'push') shipping.push(batch(next++, each.bytes), Date.now());
            else if (each.kind === 'ack') bus.ack();
            else if (each.kind === 'later') {
              await vi.advanceTimersByTimeAsync(LONG_MS);
              shipping.tick(Date.now());
            } else if (each.kind === 'kill') {
              // What is on disk comes again; the rest was in memory alone and goes with the process.
              const onDisk = new Set(
                [...Spool.open(directory, 3_000).tally().entries()].map((entry) => entry.minuteMs),
              );
              for (let i = 0; i < next; i++) if (!counted.has(i) && !onDisk.has(i)) gone.add(i);
              bus.pending = [];
              ({ bus, shipping } = start());
            } else bus.fail(each.kind === 'lost answer');
            await settle();
          }
          for (let i = 0; i < 400 && !shipping.isIdle; i++) {
            bus.ack();
            await vi.advanceTimersByTimeAsync(LONG_MS);
          }
          expect(shipping.isIdle).toBe(true);
          for (let number = 0; number < next; number++) {
            const isKept = kept[number % 3]!.includes(number);
            if (!isKept) expect(gone.has(number), `batch ${number} is nowhere`).toBe(true);
            expect(counted.has(number) || gone.has(number)).toBe(true);
          }
          // A repeat is as if the partition's past were read again: it never goes back without what followed.
          for (const numbers of kept) {
            const firsts = [...new Set(numbers)];
            expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
