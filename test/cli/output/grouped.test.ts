import fc from 'fast-check';
import { describe, it } from 'vitest';
import { grouped } from '../../../cli/output/grouped.ts';

describe('grouped', () => {
  it('writes whole numbers as the locale en-US does', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (value) => grouped(value) === value.toLocaleString('en-US')));
  });
});
