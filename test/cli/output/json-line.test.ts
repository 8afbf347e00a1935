import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLine } from '../../../cli/output/json-line.ts';

describe('a line of JSON', () => {
  it('escapes what a terminal would act on', () => {
    const text = 'a\u001b[2Jb\u009bc\u202ed\u2028e\u{e0041}f\ud800g';
    expect(jsonLine({ text })).toBe('{"text":"a\\u001b[2Jb\\u009bc\\u202ed\\u2028e\\udb40\\udc41f\\ud800g"}\n');
  });

  it('is the same value when read again, whatever the text, in printable characters on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = jsonLine(text);
        expect(JSON.parse(line)).toBe(text);
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
