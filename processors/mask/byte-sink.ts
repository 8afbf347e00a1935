// Hot path
const SMALLEST = 1 << 16;
/** A scratch buffer beyond this size is given back after the statement that needed it. */
const LARGEST_KEPT = 1 << 22;

/** A growing byte buffer that can be cut back, readable as 32-bit words. */
export class ByteSink {
  bytes: Uint8Array;
  words: Int32Array;
  length = 0;

  constructor() {
    this.bytes = new Uint8Array(SMALLEST);
    this.words = new Int32Array(this.bytes.buffer);
  }

  /** Empties the sink and makes room for `most` bytes (untouched memory of a large one costs address space only). */
  begin(most: number): void {
    this.length = 0;
    if (this.bytes.length < most || this.bytes.length > LARGEST_KEPT) this.resize(most);
  }

  byte(value: number): void {
    if (this.length >= this.bytes.length) this.resize(this.length + 1);
    this.bytes[this.length++] = value;
  }

  /** The last byte; 0 while there is none. */
  last(): number {
    return this.length === 0 ? 0 : this.bytes[this.length - 1]!;
  }

  cut(length: number): void {
    this.length = length;
  }

  same(first: number, second: number, length: number): boolean {
    const bytes = this.bytes;
    for (let i = 0; i < length; i++) if (bytes[first + i] !== bytes[second + i]) return false;
    return true;
  }

  /** Zeroes the bytes of the last word that lie beyond the text, so that words compare equal when texts do. @returns How many words hold it. */
  pad(): number {
    const count = (this.length + 3) >> 2;
    if (count << 2 > this.bytes.length) this.resize(count << 2);
    for (let i = this.length; i < count << 2; i++) this.bytes[i] = 0;
    return count;
  }

  private resize(needed: number): void {
    let size = SMALLEST;
    while (size < needed) size *= 2;
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, Math.min(this.length, size)));
    this.bytes = bytes;
    this.words = new Int32Array(bytes.buffer);
  }
}
