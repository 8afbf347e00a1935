import { describe, expect, it } from 'vitest';
import { cleanName, LONGEST_NAME } from '../../schemas/clean-name.ts';

describe('a cleaned name', () => {
  it.each([
    ['bob', 'bob'],
    ['Jürgen 表 😀', 'Jürgen 表 😀'],
    ['a\u001b[2Jb', 'a\ufffd[2Jb'],
    ['a\r\nb\u0000', 'a\ufffd\ufffdb\ufffd'],
    ['a\u202eb\u2066\u200b', 'a\ufffdb\ufffd\ufffd'],
    ['a\u0085b\u2028', 'a\ufffdb\ufffd'],
    ['a\ud800b', 'a\ufffdb'],
    ['', ''],
  ])('%j is %j', (name, expected) => {
    expect(cleanName(name)).toBe(expected);
  });

  it('is cut to the longest name, with a mark', () => {
    expect(cleanName('x'.repeat(LONGEST_NAME))).toHaveLength(LONGEST_NAME);
    const cut = cleanName('x'.repeat(LONGEST_NAME * 10));
    expect(cut).toHaveLength(LONGEST_NAME);
    expect(cut.endsWith('…')).toBe(true);
  });
});
