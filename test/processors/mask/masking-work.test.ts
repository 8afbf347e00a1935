import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientCharset } from '../../../processors/mask/client-charset.ts';
import { MaskingPass } from '../../../processors/mask/masking-pass.ts';
import { statementOf } from './statement-generator.ts';

const UTF8 = clientCharset('utf8mb4');
const GBK = clientCharset('gbk');
/** Reads of a byte for each byte of the text that the worst one known needs, doubled. */
const MOST_READS = 40;

/** The bytes, counting how often one is read. */
function counted(bytes: Uint8Array): { bytes: Uint8Array; reads: () => number } {
  let reads = 0;
  const proxy = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && key.charCodeAt(0) <= 0x39) reads++;
      return Reflect.get(target, key, target);
    },
  });
  return { bytes: proxy, reads: () => reads };
}

function work(text: Uint8Array, set = UTF8): { perByte: number; written: number } {
  const pass = new MaskingPass();
  const { bytes, reads } = counted(text);
  pass.run(bytes, 0, text.length, set, false, false);
  return { perByte: reads() / text.length, written: pass.sink.length / text.length };
}

describe('the work of masking', () => {
  it.each([
    "'",
    '"',
    '`',
    "''",
    "'a'b",
    "'x' y ",
    '`a`',
    "a'",
    "'a' ",
    "' AND a='",
    '(',
    ')',
    '(1,',
    '/*',
    '/*!',
    '*/',
    '/*!50000 ',
    '--',
    '-- ',
    '#',
    '$',
    '$$',
    '$a',
    '\\',
    "'\\",
    '?',
    '?h1:',
    '?h1:0123456789abcdef01234567',
    '0x',
    '1e',
    '1.',
    '.',
    '@',
    '@@',
    '@a.',
    '_utf8',
    "_utf8'a'",
    'N',
    "x'",
    'VALUES(1),',
    'IN(',
    'a,',
    ' ',
    '\n',
    '\u00e9',
    '\u00a0',
    '1 2 ',
    "'=",
    "=' ",
    "'a' `",
    'a `b ',
    '{d',
    'IDENTIFIED BY ',
    ';',
    'CREATE ;',
    '-',
    '+1,(',
  ])('grows with the text alone, repeating %j', (part) => {
    const small = work(Buffer.from(part.repeat(Math.ceil(2000 / part.length))));
    const large = work(Buffer.from(part.repeat(Math.ceil(40_000 / part.length))));
    expect(large.perByte).toBeLessThan(MOST_READS);
    expect(large.perByte).toBeLessThan(1.5 * small.perByte + 1);
    expect(large.written).toBeLessThan(3.5);
  });

  it('is bounded for any bytes and any statement repeated', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
          fc.noShrink(fc.integer()).map((seed) => statementOf(seed).sql),
        ),
        fc.constantFrom(UTF8, GBK),
        (part, set) => {
          const text = Buffer.concat(Array.from({ length: Math.ceil(4000 / part.length) }, () => part));
          expect(work(text, set).perByte).toBeLessThan(MOST_READS);
        },
      ),
      { numRuns: 200 },
    );
  });
});
