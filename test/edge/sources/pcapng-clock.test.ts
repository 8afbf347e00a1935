import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PcapngClock } from '../../../edge/sources/pcapng-clock.ts';

const words = (ticks: bigint): [number, number] => [Number(ticks >> 32n), Number(ticks & 0xffffffffn)];

describe('the clock of a pcapng interface', () => {
  it.each([
    ['seconds', 0, 1_700_000_000n, 1_700_000_000_000_000],
    ['milliseconds', 3, 1_700_000_000_123n, 1_700_000_000_123_000],
    ['microseconds', 6, 1_700_000_000_123_456n, 1_700_000_000_123_456],
    ['nanoseconds', 9, 1_700_000_000_123_456_999n, 1_700_000_000_123_456],
    ['picoseconds', 12, 18_446_744_073_709_551_615n, 18_446_744_073_709],
    ['halves of a second', 0x81, 3n, 1_500_000],
    ['2^-20 s', 0x94, 1_700_000_000n << 20n, 1_700_000_000_000_000],
    ['2^-32 s (NTP)', 0xa0, (1_700_000_000n << 32n) | 0x80000000n, 1_700_000_000_500_000],
    ['whole seconds in binary', 0x80, 7n, 7_000_000],
  ])('reads %s', (_, resolution, ticks, timeUs) => {
    expect(new PcapngClock(resolution, 0).toUs(...words(ticks))).toBe(timeUs);
  });

  it('is exact down to picoseconds and 2^-32 s, within what a safe integer holds', () => {
    const resolutions = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0x80, max: 0xa0 }));
    fc.assert(
      fc.property(resolutions, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (resolution, ticks) => {
        const perSecond = resolution < 0x80 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f);
        const exact = (ticks * 1_000_000n) / perSecond;
        const expected = exact > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(exact);
        expect(new PcapngClock(resolution, 0).toUs(...words(ticks))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a safe, non-negative integer for any resolution, offset and time', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(
        byte,
        fc.double({ min: -(2 ** 63), max: 2 ** 63, noNaN: true }),
        word,
        word,
        (resolution, offset, high, low) => {
          const timeUs = new PcapngClock(resolution, Math.trunc(offset)).toUs(high, low);
          expect(Number.isSafeInteger(timeUs) && timeUs >= 0).toBe(true);
        },
      ),
    );
  });
});
