import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, textWidth, visibleText } from '../../../cli/output/visible-text.ts';
import { TableLayout } from '../../../cli/query/table-layout.ts';

describe('visibleText', () => {
  it.each([
    ['a\nb\r\tc\0', 'a\\nb\\r\\tc\\0'],
    ['\x1b[31mred\x9b', '\\u{1b}[31mred\\u{9b}'],
    ['user\u202etxt.exe', 'user\\u{202e}txt.exe'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['a\ud800b', 'a\\u{d800}b'],
    ['漢字 é 🎉', '漢字 é 🎉'],
  ])('writes %j as %j', (text, visible) => {
    expect(visibleText(text)).toBe(visible);
  });

  it('lets no control character through', () => {
    const unsafe = (code: number) =>
      code < 0x20 ||
      (code >= 0x7f && code < 0xa0) ||
      (code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => ![...visibleText(text)].some((character) => unsafe(character.codePointAt(0)!)),
      ),
    );
  });
});

describe('cutText', () => {
  it('never exceeds the columns, counting wide characters twice', () => {
    expect(cutText('漢字漢字', 5)).toBe('漢字…');
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 30 }),
        (text, columns) => textWidth(cutText(text, columns)) <= columns,
      ),
    );
  });
});

describe('TableLayout', () => {
  const rows = [
    ['app', '5', 'SELECT a FROM t'],
    ['漢字', '12345', 'x'],
  ];

  it('aligns text left and numbers right', () => {
    const layout = new TableLayout(
      ['user', 'n', 'text'],
      ['LowCardinality(String)', 'UInt64', 'String'],
      rows,
      Number.POSITIVE_INFINITY,
    );
    expect(layout.header() + rows.map((row) => layout.row(row)).join('')).toBe(
      ['user      n  text', '----  -----  ---------------', 'app       5  SELECT a FROM t', '漢字  12345  x', ''].join(
        '\n',
      ),
    );
  });

  it('cuts the widest column to fit the terminal', () => {
    const layout = new TableLayout(['user', 'text'], ['String', 'String'], [['app', 'SELECT a, b, c FROM t']], 20);
    expect(layout.row(['app', 'SELECT a, b, c FROM t'])).toBe('app   SELECT a, b, …\n');
  });

  it('fits any table that can fit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 60, max: 200 }),
        (cells, columns) => {
          const layout = new TableLayout(
            cells.map((_, i) => `c${i}`),
            cells.map(() => 'String'),
            [cells],
            columns,
          );
          expect(textWidth(layout.row(cells).trimEnd())).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
