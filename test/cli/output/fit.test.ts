import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit } from '../../../cli/output/fit.ts';
import { textWidth } from '../../../cli/output/visible-text.ts';

describe('a cell of the table', () => {
  it.each([
    ['pads on the right', 'abc', 5, false, 'abc  '],
    ['pads on the left for numbers', '42', 5, true, '   42'],
    ['cuts with an ellipsis', 'SELECT * FROM t', 8, false, 'SELECT …'],
    ['folds white space', 'a\n\t  b', 5, false, 'a b  '],
    ['gives wide characters two columns', '中文字', 5, false, '中文…'],
    ['shows what would move the cursor', '\x1b[2J', 12, false, '\\u{1b}[2J   '],
    ['shows what would reorder the line', 'a\u202eb', 12, false, 'a\\u{202e}b  '],
  ])('%s', (_, text, width, alignRight, expected) => {
    expect(fit(text, width, alignRight)).toBe(expected);
  });

  it('is as wide as asked for and holds no control character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 2, max: 40 }), (text, width) => {
        const cell = fit(text, width, false);
        expect(textWidth(cell)).toBe(width);
        expect(cell).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }),
    );
  });
});
