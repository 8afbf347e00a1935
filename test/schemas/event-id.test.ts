import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventId } from '../../schemas/event-id.ts';

describe('eventId', () => {
  it.each([
    ['00112233445566778899aabbccddeeff', 0, '00112233-4455-6677-8899-aabbccddeeff'],
    ['00112233445566778899aabbccddeeff', 1, '00112233-4455-6677-8899-aabbccddef00'],
    ['000000000000000000000000ffffffff', 1, '00000000-0000-0000-0000-000100000000'],
    ['0000000000000000ffffffffffffffff', 1, '00000000-0000-0000-0000-000000000000'],
    ['00000000000000000000000000000000', 2 ** 40 + 3, '00000000-0000-0000-0000-010000000003'],
  ])('of connection %s and sequence %d is %s', (uid, sequence, id) => {
    expect(eventId(uid, sequence)).toBe(id);
  });

  it('adds the sequence to the low 64 bits of the uid', () => {
    const half = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(half, half, fc.maxSafeNat(), (high, low, sequence) => {
        const uid = high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0');
        const sum = ((low + BigInt(sequence)) & (2n ** 64n - 1n)).toString(16).padStart(16, '0');
        expect(eventId(uid, sequence).replaceAll('-', '')).toBe(uid.slice(0, 16) + sum);
      }),
    );
  });
});
