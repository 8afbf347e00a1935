// Hot path
/** Words in any case, found among bytes without allocation. */
export class WordSet {
  private readonly table: (Uint8Array | null)[];
  private readonly mask: number;
  /** 1 for the lengths and first letters there are: most words are told by these. */
  private readonly shapes: Uint8Array;
  private readonly longest: number;

  /** @param words In lower case, ASCII. */
  constructor(words: Iterable<string>) {
    const all = [...words].map((word) => Uint8Array.from(Buffer.from(word)));
    let size = 16;
    while (size < 4 * all.length) size *= 2;
    this.mask = size - 1;
    this.table = new Array<Uint8Array | null>(size).fill(null);
    this.longest = Math.max(...all.map((word) => word.length));
    this.shapes = new Uint8Array((this.longest + 1) << 5);
    for (const word of all) {
      this.shapes[(word.length << 5) | (word[0]! & 31)] = 1;
      let place = this.placeOf(word, 0, word.length);
      while (this.table[place] !== null) place = (place + 1) & this.mask;
      this.table[place] = word;
    }
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.longest || this.shapes[(length << 5) | (bytes[start]! & 31)] === 0) return false;
    for (let place = this.placeOf(bytes, start, end); ; place = (place + 1) & this.mask) {
      const word = this.table[place]!;
      if (word === null) return false;
      if (word.length === length && isSame(word, bytes, start)) return true;
    }
  }

  private placeOf(bytes: Uint8Array, start: number, end: number): number {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ lower(bytes[at]!), 0x01000193);
    return (hash ^ (hash >>> 15)) & this.mask;
  }
}

function isSame(word: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < word.length; i++) if (word[i] !== lower(bytes[start + i]!)) return false;
  return true;
}

function lower(c: number): number {
  return c >= 0x41 && c <= 0x5a ? c | 0x20 : c;
}
