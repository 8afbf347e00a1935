import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snappyBlock, snappyCodec } from '../../bus/snappy-codec.ts';
import { SqltrailError } from '../../runtime/errors.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('Snappy', () => {
  it.each([
    ['nothing', '00', ''],
    ['a literal', '03 08 616263', 'abc'],
    ['a literal whose length has a byte of its own', `46 f045 ${'61'.repeat(70)}`, 'a'.repeat(70)],
    ['a copy with one byte of distance', '0a 08 616263 0d03', 'abcabcabca'],
    ['a copy that reaches into itself', '05 00 61 0101', 'aaaaa'],
    ['a copy with two bytes of distance', '06 08 616263 0a0300', 'abcabc'],
    ['a copy with four bytes of distance', '06 08 616263 0b03000000', 'abcabc'],
  ])('reads %s', (_name, bytes, text) => {
    expect(snappyBlock(hex(bytes)).toString()).toBe(text);
  });

  it('reads the frame of Java, block by block', async () => {
    const frame = hex('82534e4150505900 00000001 00000001 00000005 0308616263 00000005 0308646566');
    expect((await snappyCodec.decompress(frame)).toString()).toBe('abcdef');
  });

  it.each([
    ['a length that nothing follows', '05'],
    ['a length without end', 'ffffffffffffffffff'],
    ['a length no block can come to', 'ffffffff0f 00 61'],
    ['a literal beyond the end', '03 08 61'],
    ['a copy from before the beginning', '05 00 61 0102'],
    ['a copy from nowhere', '05 00 61 0100'],
    ['more than it says', '01 08 616263'],
  ])('refuses %s', (_name, bytes) => {
    expect(() => snappyBlock(hex(bytes))).toThrow(SqltrailError);
  });

  it('reads any bytes to an end, or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(snappyBlock(Buffer.from(bytes)).length).toBeLessThanOrEqual(bytes.length * 64);
        } catch (error) {
          expect(error).toBeInstanceOf(SqltrailError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
