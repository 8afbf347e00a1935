// Hot path
import type { Statement } from '../../schemas/statement.ts';

const WAYS = 8;
const SETS = 1 << 13;
/** Masked texts kept at once. */
const CACHED_TEXTS = WAYS * SETS;
/** Bytes of masked text kept at once; the texts used longest ago make room. */
export const CACHED_BYTES = 64 * 1024 * 1024;
/** Longer texts are never kept: each would push out thousands of others. */
export const LARGEST_CACHED_BYTES = 256 * 1024;

/**
 * Masked text to statement. Found by a seeded hash in sets of eight places, and verified word by word: attackers write SQL, so a hash
 * collision must not show another's text. A full set replaces a place not used since the last replacement (clock).
 */
export class StatementCache {
  private readonly hashes = new Int32Array(CACHED_TEXTS);
  private readonly sizes = new Int32Array(CACHED_TEXTS);
  private readonly charsets = new Uint8Array(CACHED_TEXTS);
  private readonly recent = new Uint8Array(CACHED_TEXTS);
  private readonly texts: (Int32Array | null)[] = new Array<Int32Array | null>(CACHED_TEXTS).fill(null);
  private readonly statements: (Statement | null)[] = new Array<Statement | null>(CACHED_TEXTS).fill(null);
  private bytes = 0;
  private sweep = 0;
  private readonly onForget: (statement: Statement) => void;

  /** @param onForget Told of each statement that loses one of its places. */
  constructor(onForget: (statement: Statement) => void) {
    this.onForget = onForget;
  }

  /**
   * @param words The text, its last word padded with zeroes; only the words that `size` bytes need are read.
   * @param charset Which decoding the text needs; the same bytes under another are another text.
   */
  find(hash: number, words: Int32Array, size: number, charset: number): Statement | null {
    const first = (hash & (SETS - 1)) * WAYS;
    for (let place = first; place < first + WAYS; place++) {
      if (this.hashes[place] !== hash || this.sizes[place] !== size || this.charsets[place] !== charset) continue;
      const text = this.texts[place]!;
      if (text === null) continue;
      let i = 0;
      while (i < text.length && text[i] === words[i]) i++;
      if (i < text.length) continue;
      this.recent[place] = 1;
      return this.statements[place]!;
    }
    return null;
  }

  /** @returns False when the text is too long to be kept. */
  keep(hash: number, words: Int32Array, size: number, charset: number, statement: Statement): boolean {
    if (size > LARGEST_CACHED_BYTES) return false;
    const place = this.placeFor(hash);
    this.forget(place);
    this.hashes[place] = hash;
    this.sizes[place] = size;
    this.charsets[place] = charset;
    this.recent[place] = 1;
    this.texts[place] = words.slice(0, (size + 3) >> 2);
    this.statements[place] = statement;
    this.bytes += size;
    while (this.bytes > CACHED_BYTES) {
      this.sweep = (this.sweep + 1) % CACHED_TEXTS;
      if (this.sweep === place) continue;
      if (this.recent[this.sweep] === 1) this.recent[this.sweep] = 0;
      else this.forget(this.sweep);
    }
    return true;
  }

  private placeFor(hash: number): number {
    const first = (hash & (SETS - 1)) * WAYS;
    let stale = -1;
    for (let place = first; place < first + WAYS; place++) {
      if (this.texts[place] === null) return place;
      if (stale < 0 && this.recent[place] === 0) stale = place;
    }
    if (stale >= 0) return stale;
    this.recent.fill(0, first, first + WAYS);
    return first + ((hash >>> 13) & (WAYS - 1));
  }

  private forget(place: number): void {
    const statement = this.statements[place]!;
    if (statement === null) return;
    this.bytes -= this.sizes[place]!;
    this.texts[place] = null;
    this.statements[place] = null;
    this.onForget(statement);
  }
}

/** Mixes the words of a text with a seed; made to spread, not to resist: equal hashes are compared in full. */
export function hashWords(words: Int32Array, count: number, seed: number): number {
  let hash = seed;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
