// Hot path
import type { NativeColumn } from './native-columns.ts';

const FIRST_BYTES = 4096;
/** A LEB128 length takes no more for any string there is. */
const MAX_LENGTH_BYTES = 10;
/** A buffer grown beyond this by rare long values is given back at the next reset. */
const KEEP_BYTES = 4 << 20;

/** Strings: each a LEB128 length and its bytes. Lone surrogates become U+FFFD; everything else is kept as it is. */
export class StringColumn implements NativeColumn {
  readonly name: string;
  readonly type = 'String';
  /** Bytes used so far. */
  length = 0;
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);

  constructor(name: string) {
    this.name = name;
  }

  add(text: string): void {
    const chars = text.length;
    if (chars < 128) {
      this.#reserve(chars + 1);
      if (this.#addShortAscii(text, chars)) return;
    }
    const bytes = Buffer.byteLength(text, 'utf8');
    this.#reserve(bytes + MAX_LENGTH_BYTES);
    this.#addLength(bytes);
    this.length += this.#buffer.write(text, this.length, 'utf8');
  }

  /** A loop beats the call into the runtime for the short ASCII texts that nearly all values are. */
  #addShortAscii(text: string, chars: number): boolean {
    const buffer = this.#buffer;
    const start = this.length + 1;
    for (let i = 0; i < chars; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      buffer[start + i] = code;
    }
    buffer[this.length] = chars;
    this.length = start + chars;
    return true;
  }

  #addLength(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.length++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
  }

  size(): number {
    return this.length;
  }

  write(_rows: number, out: Buffer, at: number): number {
    this.#buffer.copy(out, at, 0, this.length);
    return at + this.length;
  }

  reset(): void {
    this.length = 0;
    if (this.#buffer.length > KEEP_BYTES) this.#buffer = Buffer.allocUnsafe(FIRST_BYTES);
  }
}

/** Arrays of strings: the end offset of each row's array, then all strings. */
export class StringArrayColumn implements NativeColumn {
  readonly name: string;
  readonly type = 'Array(String)';
  readonly #ends: Float64Array;
  readonly #items = new StringColumn('');
  #count = 0;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.#ends = new Float64Array(capacity);
  }

  /** Bytes used so far by the strings. */
  get length(): number {
    return this.#items.length;
  }

  set(row: number, values: readonly string[]): void {
    for (const value of values) this.#items.add(value);
    this.#count += values.length;
    this.#ends[row] = this.#count;
  }

  size(rows: number): number {
    return rows * 8 + this.#items.length;
  }

  write(rows: number, out: Buffer, at: number): number {
    let offset = at;
    for (let row = 0; row < rows; row++) {
      // A batch has fewer than 2^32 strings: the upper half of the 64-bit offset is zero.
      offset = out.writeUInt32LE(this.#ends[row] ?? 0, offset);
      offset = out.writeUInt32LE(0, offset);
    }
    return this.#items.write(rows, out, offset);
  }

  reset(): void {
    this.#items.reset();
    this.#count = 0;
  }
}

/** Rows per block at most: what a 16-bit dictionary index can tell apart. */
export const MAX_BLOCK_ROWS = 65536;

/** 16-bit indexes (1), additional keys in the block (bit 9), dictionary to be updated (bit 10). */
const LOW_CARDINALITY_FLAGS = 0x601;
const LOW_CARDINALITY_VERSION = 1;
/** Version, flags, count of keys, count of rows. */
const LOW_CARDINALITY_HEADER_BYTES = 32;

/** Strings of which few differ: each distinct value once, and a 16-bit index per row. */
export class DictionaryColumn implements NativeColumn {
  readonly name: string;
  readonly type = 'LowCardinality(String)';
  readonly #indexes = new Uint16Array(MAX_BLOCK_ROWS);
  readonly #bytes = new Uint8Array(this.#indexes.buffer);
  readonly #dictionary = new Map<string, number>();
  readonly #keys = new StringColumn('');
  #lastValue = '';
  #lastIndex = -1;

  constructor(name: string) {
    this.name = name;
  }

  /** Bytes used so far by the distinct values. */
  get length(): number {
    return this.#keys.length;
  }

  /** How many values differ so far. */
  get distinct(): number {
    return this.#dictionary.size;
  }

  /** @returns The value's index among the distinct ones, in order of appearance. */
  set(row: number, value: string): number {
    let index = this.#lastIndex;
    if (index < 0 || value !== this.#lastValue) {
      index = this.#indexOf(value);
      this.#lastIndex = index;
      this.#lastValue = value;
    }
    this.#indexes[row] = index;
    return index;
  }

  #indexOf(value: string): number {
    const known = this.#dictionary.get(value);
    if (known !== undefined) return known;
    const index = this.#dictionary.size;
    this.#dictionary.set(value, index);
    this.#keys.add(value);
    return index;
  }

  size(rows: number): number {
    return LOW_CARDINALITY_HEADER_BYTES + this.#keys.length + rows * 2;
  }

  write(rows: number, out: Buffer, at: number): number {
    let offset = writeCount(out, at, LOW_CARDINALITY_VERSION);
    offset = writeCount(out, offset, LOW_CARDINALITY_FLAGS);
    offset = writeCount(out, offset, this.#dictionary.size);
    offset = this.#keys.write(rows, out, offset);
    offset = writeCount(out, offset, rows);
    out.set(this.#bytes.subarray(0, rows * 2), offset);
    return offset + rows * 2;
  }

  reset(): void {
    this.#dictionary.clear();
    this.#keys.reset();
    this.#lastIndex = -1;
    this.#lastValue = '';
  }
}

function writeCount(out: Buffer, at: number, value: number): number {
  return out.writeUInt32LE(0, out.writeUInt32LE(value, at));
}
