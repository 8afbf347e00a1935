// Hot path
import type { NativeColumn } from './native-columns.ts';

/** Column and row counts take at most this many bytes each. */
const COUNT_BYTES = 10;
const KEEP_BYTES = 32 << 20;

/** Encodes columns of equal length as one Native block into a buffer of its own, reused from block to block. */
export class NativeBlock {
  readonly columns: readonly NativeColumn[];
  /** What `file()` and `INSERT` must be told of the block: `name Type, …`. */
  readonly structure: string;
  #buffer = Buffer.allocUnsafe(1 << 20);
  readonly #heads: readonly Buffer[];

  constructor(columns: readonly NativeColumn[]) {
    this.columns = columns;
    this.structure = columns.map((column) => `${column.name} ${column.type}`).join(', ');
    this.#heads = columns.map((column) => Buffer.concat([prefixed(column.name), prefixed(column.type)]));
  }

  /** @returns A view of the encoded block, valid until the next call. */
  encode(rows: number): Buffer {
    const { columns } = this;
    let size = COUNT_BYTES * 2;
    for (let i = 0; i < columns.length; i++) size += columns[i]!.size(rows) + this.#heads[i]!.length;
    if (size > this.#buffer.length || this.#buffer.length > Math.max(KEEP_BYTES, size * 2)) {
      this.#buffer = Buffer.allocUnsafe(size + (size >> 2));
    }
    const out = this.#buffer;
    let at = writeVarint(out, 0, columns.length);
    at = writeVarint(out, at, rows);
    for (let i = 0; i < columns.length; i++) {
      const head = this.#heads[i]!;
      out.set(head, at);
      at = columns[i]!.write(rows, out, at + head.length);
    }
    return out.subarray(0, at);
  }

  reset(): void {
    for (const column of this.columns) column.reset();
  }
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 127) throw new Error(`The column name or type ${text} is too long for a one-byte length.`);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function writeVarint(out: Buffer, at: number, value: number): number {
  let offset = at;
  let rest = value;
  while (rest > 127) {
    out[offset++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  out[offset++] = rest;
  return offset;
}
