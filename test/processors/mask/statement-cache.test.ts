import { describe, expect, it } from 'vitest';
import {
  CACHED_BYTES,
  hashWords,
  LARGEST_CACHED_BYTES,
  StatementCache,
} from '../../../processors/mask/statement-cache.ts';
import type { Statement } from '../../../schemas/statement.ts';

function statement(masked: string): Statement {
  return { digest: masked, masked, kind: 'other', tables: [], parse: 'skipped' };
}

describe('the statement cache', () => {
  it('compares texts in full, so that equal hashes never show another text', () => {
    const cache = new StatementCache(() => {});
    const a = statement('a');
    const b = statement('b');
    cache.keep(7, Int32Array.of(1, 2), 8, 0, a);
    cache.keep(7, Int32Array.of(1, 3), 8, 0, b);
    expect(cache.find(7, Int32Array.of(1, 2), 8, 0)).toBe(a);
    expect(cache.find(7, Int32Array.of(1, 3), 8, 0)).toBe(b);
    expect(cache.find(7, Int32Array.of(1, 4), 8, 0)).toBeNull();
    expect(cache.find(7, Int32Array.of(1, 2), 7, 0)).toBeNull();
    expect(cache.find(7, Int32Array.of(1, 2), 8, 1)).toBeNull();
  });

  it('forgets a place not used lately when nine texts share a hash', () => {
    const forgotten: string[] = [];
    const cache = new StatementCache(({ masked }) => forgotten.push(masked));
    for (let n = 0; n < 9; n++) cache.keep(7, Int32Array.of(n), 4, 0, statement(`${n}`));
    expect(forgotten).toHaveLength(1);
    expect(cache.find(7, Int32Array.of(8), 4, 0)?.masked).toBe('8');
  });

  it('keeps no more bytes than it may, and no text that is too long', () => {
    let kept = 0;
    const cache = new StatementCache(() => kept--);
    const size = LARGEST_CACHED_BYTES;
    for (let n = 0; n < (CACHED_BYTES / size) * 2; n++) {
      const words = new Int32Array(size / 4).fill(n);
      if (cache.keep(hashWords(words, 8, 1), words, size, 0, statement('x'))) kept++;
    }
    expect(kept).toBe(CACHED_BYTES / size);
    expect(cache.keep(1, new Int32Array(size / 4 + 1), size + 4, 0, statement('x'))).toBe(false);
  });
});
