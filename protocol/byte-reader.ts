// Hot path
/**
 * Reads MySQL's little-endian integers and strings from a span of a Buffer. Reading past the end returns 0 or an empty
 * span and sets `overrun`, once and for good: callers read a whole message and look at `overrun` where it matters.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_data_types.html
 */
export class ByteReader {
  bytes: Buffer = EMPTY;
  pos = 0;
  end = 0;
  overrun = false;
  /** Span of the string read last by `lenencSpan`, `nulSpan` or `span`. */
  spanStart = 0;
  spanEnd = 0;
  /** The integer read last by `lenenc` was NULL (0xfb) or an ERR/invalid marker (0xff): it has no value. */
  isNull = false;

  reset(bytes: Buffer, start: number, end: number): this {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
    this.overrun = false;
    this.isNull = false;
    return this;
  }

  get left(): number {
    return this.end - this.pos;
  }

  u8(): number {
    if (this.pos >= this.end) return this.fail();
    return this.bytes[this.pos++]!;
  }

  u16(): number {
    if (this.pos + 2 > this.end) return this.fail();
    const value = this.bytes.readUInt16LE(this.pos);
    this.pos += 2;
    return value;
  }

  u24(): number {
    if (this.pos + 3 > this.end) return this.fail();
    const value = this.bytes.readUIntLE(this.pos, 3);
    this.pos += 3;
    return value;
  }

  u32(): number {
    if (this.pos + 4 > this.end) return this.fail();
    const value = this.bytes.readUInt32LE(this.pos);
    this.pos += 4;
    return value;
  }

  /** A 64-bit unsigned integer as a number; above 2^53 it is rounded. */
  u64(): number {
    if (this.pos + 8 > this.end) return this.fail();
    const value = this.bytes.readUInt32LE(this.pos) + this.bytes.readUInt32LE(this.pos + 4) * 0x1_0000_0000;
    this.pos += 8;
    return value;
  }

  /** A 64-bit unsigned integer without loss: decimal text above 2^53. */
  exactU64(): number | string {
    const at = this.pos;
    const value = this.u64();
    return value <= Number.MAX_SAFE_INTEGER ? value : this.bytes.readBigUInt64LE(at).toString();
  }

  /** Length-encoded integer; above 2^53 it is rounded. 0xfb (NULL) and 0xff give 0 with `isNull`. */
  lenenc(): number {
    this.isNull = false;
    const first = this.u8();
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.u16();
    if (first === 0xfd) return this.u24();
    if (first === 0xfe) return this.u64();
    this.isNull = true;
    return 0;
  }

  /** Length-encoded integer without loss: decimal text above 2^53. */
  exactLenenc(): number | string {
    if (this.pos < this.end && this.bytes[this.pos] === 0xfe) {
      this.pos++;
      this.isNull = false;
      return this.exactU64();
    }
    return this.lenenc();
  }

  skip(count: number): void {
    if (count > this.end - this.pos) this.fail();
    else this.pos += count;
  }

  /** A span of `length` bytes; one longer than what is left fails. */
  span(length: number): void {
    this.spanStart = this.pos;
    if (length > this.end - this.pos) this.fail();
    else this.pos += length;
    this.spanEnd = this.pos;
    if (this.overrun) this.spanStart = this.spanEnd;
  }

  lenencSpan(): void {
    const length = this.lenenc();
    this.span(length);
  }

  /** Up to a NUL, which is consumed; without one, up to the end (old servers leave the last one out). */
  nulSpan(): void {
    // Not beyond the message, which may lie in a large buffer without another NUL.
    const length = this.bytes.subarray(this.pos, this.end).indexOf(0);
    this.spanStart = this.pos;
    this.spanEnd = length < 0 ? this.end : this.pos + length;
    this.pos = length < 0 ? this.end : this.spanEnd + 1;
  }

  /** The last span as UTF-8 text; invalid bytes become U+FFFD. */
  spanText(): string {
    return this.spanStart === this.spanEnd ? '' : this.bytes.toString('utf8', this.spanStart, this.spanEnd);
  }

  private fail(): 0 {
    this.overrun = true;
    this.pos = this.end;
    return 0;
  }
}

const EMPTY = Buffer.alloc(0);
