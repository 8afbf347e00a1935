import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEAD_LETTER_REASONS,
  type DeadLetter,
  deadLetterKey,
  deadLetterValue,
  readDeadLetter,
} from '../../schemas/dead-letter.ts';
import { deadLetterSchema } from '../../schemas/dead-letter-schema.ts';
import { anyBytes, damaged } from './records-support.ts';

const count = fc.maxSafeNat();
const short = fc.string({ maxLength: 60 });

const anyLetter: fc.Arbitrary<DeadLetter> = fc
  .record({
    timeMs: fc.integer({ min: 0, max: 4_294_967_295_000 }),
    stage: short,
    reason: fc.constantFrom(...DEAD_LETTER_REASONS),
    errorCode: short,
    topic: short,
    partition: count,
    offset: count,
    line: fc.option(count),
    bytes: count,
    ids: fc.record({ serverId: fc.string(), eventId: fc.string() }, { requiredKeys: [] }),
  })
  .map(({ ids, ...letter }) => ({ ...letter, ...ids }));

describe('a dead letter', () => {
  it('is read back as it was written, and is as the schema describes it', () => {
    fc.assert(
      fc.property(anyLetter, (letter) => {
        const value = deadLetterValue(letter);
        expect(readDeadLetter(value)).toEqual(letter);
        expect(deadLetterSchema.safeParse(JSON.parse(value.toString())).success).toBe(true);
      }),
    );
  });

  it('has the place of its record, and line, as its key', () => {
    const letter = { ...fc.sample(anyLetter, 1)[0]!, topic: 'mysql.audit.v1', partition: 3, offset: 17 };
    expect(deadLetterKey({ ...letter, line: null })).toBe('mysql.audit.v1/3/17');
    expect(deadLetterKey({ ...letter, line: 0 })).toBe('mysql.audit.v1/3/17/0');
  });

  it('keeps a reason of a later version', () => {
    const letter = { ...fc.sample(anyLetter, 1)[0]!, reason: 'later' };
    expect(readDeadLetter(deadLetterValue(letter))?.reason).toBe('later');
  });

  it('is not made of anything else, and reading never throws', () => {
    const lines = anyLetter.map((letter) => deadLetterValue(letter).toString());
    fc.assert(
      fc.property(fc.oneof(anyBytes, damaged(lines)), (bytes) => {
        const letter = readDeadLetter(bytes);
        if (letter !== null) expect(readDeadLetter(deadLetterValue(letter))).toEqual(letter);
      }),
      { numRuns: 2_000 },
    );
  });
});
