import type { NativeColumn } from './native-columns.ts';
import { StringColumn } from './native-strings.ts';

/** `Map(String, UInt64)`: the end offset of each row's map, then all keys, then all values. Entries of 0 are left out. */
export class CountMapColumn implements NativeColumn {
  readonly name: string;
  readonly type = 'Map(String, UInt64)';
  #ends: number[] = [];
  #values: number[] = [];
  readonly #keys = new StringColumn('');

  constructor(name: string) {
    this.name = name;
  }

  /** Bytes used so far by keys and values. */
  get length(): number {
    return this.#keys.length + this.#values.length * 8;
  }

  /** Rows are set in order. Counts are whole numbers from 0 to 2^53. */
  add(counts: Readonly<Record<string, number | undefined>>): void {
    for (const [key, count] of Object.entries(counts)) {
      if (count === undefined || !(count > 0)) continue;
      this.#keys.add(key);
      this.#values.push(Math.min(count, Number.MAX_SAFE_INTEGER));
    }
    this.#ends.push(this.#values.length);
  }

  size(rows: number): number {
    return rows * 8 + this.length;
  }

  write(rows: number, out: Buffer, at: number): number {
    let offset = at;
    for (let row = 0; row < rows; row++) offset = out.writeBigUInt64LE(BigInt(this.#ends[row] ?? 0), offset);
    offset = this.#keys.write(rows, out, offset);
    for (const value of this.#values) offset = out.writeBigUInt64LE(BigInt(Math.trunc(value)), offset);
    return offset;
  }

  reset(): void {
    this.#ends = [];
    this.#values = [];
    this.#keys.reset();
  }
}
