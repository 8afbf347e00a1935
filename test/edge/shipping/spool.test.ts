import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SealedBatch } from '../../../edge/shipping/sealed-batch.ts';
import { Spool } from '../../../edge/shipping/spool.ts';
import type { SpoolTally } from '../../../edge/shipping/spool-tally.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqltrail-spool-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function batch(number: number, bytes = 100): SealedBatch {
  const value = Buffer.alloc(bytes, number & 0xff);
  value.writeUInt32LE(number, 0);
  return { partition: number % 3, value, messages: (number % 5) + 1, origin: 'db1/7', minuteMs: 60_000 * (number % 2) };
}

function numberOf(sealed: SealedBatch): number {
  return sealed.value.readUInt32LE(0);
}

function noDamage(): never {
  throw new Error('nothing was damaged');
}

function messagesOf(tally: SpoolTally): number {
  let messages = 0;
  for (const entry of tally.entries()) messages += entry.messages;
  return messages;
}

function drain(spool: Spool, onDamaged: (lost: SpoolTally) => void = noDamage): number[] {
  const numbers: number[] = [];
  for (let next = spool.take(onDamaged); next !== null; next = spool.take(onDamaged)) {
    numbers.push(numberOf(next));
    spool.ack(1);
  }
  return numbers;
}

const segments = () => readdirSync(directory).filter((name) => name.endsWith('.segment'));

describe('the spool', () => {
  it('gives back what was appended, in order, and deletes its files', () => {
    const spool = Spool.open(directory, 1e6);
    const sent = [0, 1, 2, 3].map((number) => batch(number));
    for (const each of sent) expect(spool.append(each)).toBe(true);
    const taken = sent.map(() => spool.take(noDamage));
    expect(taken).toEqual(sent);
    spool.ack(4);
    expect(spool.isEmpty).toBe(true);
    expect(segments()).toEqual([]);
  });

  it('takes nothing beyond its bound, and goes on when there is room again', () => {
    const spool = Spool.open(directory, 10_000);
    let kept = 0;
    while (spool.append(batch(kept, 1_000))) kept++;
    expect(kept).toBeGreaterThan(5);
    expect(spool.bytes).toBeLessThanOrEqual(10_000 + 100);
    expect(drain(spool)).toHaveLength(kept);
    expect(spool.append(batch(99))).toBe(true);
    expect(drain(spool)).toEqual([99]);
  });

  it('gives again what was taken and not acknowledged', () => {
    const spool = Spool.open(directory, 1e6);
    for (let i = 0; i < 5; i++) spool.append(batch(i));
    spool.take(noDamage);
    spool.take(noDamage);
    spool.take(noDamage);
    spool.ack(1);
    spool.rewind();
    expect(drain(spool)).toEqual([1, 2, 3, 4]);
  });

  it('is found again by the next process, with what each ledger entry has in it', () => {
    const first = Spool.open(directory, 1e6);
    for (let i = 0; i < 4; i++) first.append(batch(i));
    const second = Spool.open(directory, 1e6);
    expect([...second.tally().entries()]).toEqual([...first.tally().entries()]);
    expect(messagesOf(second.tally())).toBe(1 + 2 + 3 + 4);
    expect(drain(second)).toEqual([0, 1, 2, 3]);
  });

  it('cuts a record that a killed process had not finished, at any byte of it', () => {
    const whole = Spool.open(directory, 1e6);
    whole.append(batch(1, 20));
    const goodBytes = whole.bytes;
    whole.append(batch(2, 20));
    const name = join(directory, segments()[0]!);
    const contents = readFileSync(name);
    for (let at = goodBytes; at < contents.length; at++) {
      writeFileSync(name, contents.subarray(0, at));
      const spool = Spool.open(directory, 1e6);
      expect(spool.cutBytes).toBe(at - goodBytes);
      expect(numberOf(spool.take(noDamage)!)).toBe(1);
      expect(spool.take(noDamage)).toBeNull();
      spool.close();
    }
  });

  it('survives any bytes in a segment', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        writeFileSync(join(directory, '000000000001.segment'), bytes);
        const spool = Spool.open(directory, 1e6);
        drain(spool);
        expect(spool.append(batch(5))).toBe(true);
        expect(drain(spool)).toEqual([5]);
      }),
      { numRuns: 300 },
    );
  });

  it('tells what is lost where the disk loses bytes while it is open', () => {
    const spool = Spool.open(directory, 1e6);
    for (let i = 0; i < 4; i++) spool.append(batch(i));
    spool.take(noDamage);
    truncateSync(join(directory, segments()[0]!), spool.bytes / 2);
    let lost = 0;
    const more = drain(spool, (tally) => {
      lost += messagesOf(tally);
    });
    // The first was taken before and is acknowledged in place of the one drained.
    expect(more).toEqual([1]);
    expect(lost).toBe(3 + 4);
    spool.ack(1);
    expect(spool.isEmpty).toBe(true);
  });

  it('gives back exactly what is not acknowledged, in order, or counts it as lost, whatever happens', () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('append' as const), bytes: fc.integer({ min: 4, max: 900 }) }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('take' as const, 'ack' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('fail' as const, 'crash' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('torn' as const), bytes: fc.integer({ min: 1, max: 60 }) }),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        rmSync(directory, { recursive: true, force: true });
        let spool = Spool.open(directory, 8_000);
        let next = 0;
        let waiting: number[] = [];
        let inFlight: number[] = [];
        let acked: number[] = [];
        const crash = () => {
          spool.close();
          spool = Spool.open(directory, 8_000);
          // Whole segments come again: some of what was acknowledged last, never anything else.
          const again = messagesOf(spool.tally()) - [...inFlight, ...waiting].reduce((sum, n) => sum + (n % 5) + 1, 0);
          let repeated = 0;
          const repeats: number[] = [];
          while (repeated < again) {
            const number = acked.pop()!;
            repeats.unshift(number);
            repeated += (number % 5) + 1;
          }
          expect(repeated).toBe(again);
          waiting = [...repeats, ...inFlight, ...waiting];
          inFlight = [];
        };
        for (const each of steps) {
          if (each.kind === 'append') {
            if (spool.append(batch(next, each.bytes))) waiting.push(next);
            next++;
          } else if (each.kind === 'take') {
            const taken = spool.take(noDamage);
            expect(taken === null ? undefined : numberOf(taken)).toBe(waiting[0]);
            if (taken !== null) inFlight.push(waiting.shift()!);
          } else if (each.kind === 'ack') {
            if (inFlight.length > 0) {
              spool.ack(1);
              acked.push(inFlight.shift()!);
            }
          } else if (each.kind === 'fail') {
            spool.rewind();
            waiting = [...inFlight, ...waiting];
            inFlight = [];
          } else if (each.kind === 'torn') {
            const last = segments().sort().at(-1);
            spool.close();
            if (last !== undefined) appendFileSync(join(directory, last), Buffer.alloc(each.bytes, 1));
            crash();
          } else crash();
          if (spool.isEmpty) acked = [];
        }
        spool.rewind();
        expect(drain(spool)).toEqual([...inFlight, ...waiting]);
        expect(spool.isEmpty).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('says what is wrong with a directory that cannot be used', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(() => Spool.open(join(directory, 'file'), 1e6)).toThrow(/cannot be used \(EEXIST|ENOTDIR/);
  });

  it('ends with an error, and does end, where no directory can be made', () => {
    expect(() => Spool.open('/proc/sqltrail', 1e6)).toThrow(/cannot be used \(ENOENT/);
  });
});
