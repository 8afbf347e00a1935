// Hot path
const NEWLINE = 0x0a;
const FIRST_BYTES = 16 * 1024;

/** Packs lines into values of newline-delimited JSON, each line ended by a newline. */
export class LinePacker {
  private readonly maxBytes: number;
  private readonly full: Buffer[] = [];
  private fullBytes = 0;
  private filling: Buffer = EMPTY;
  private end = 0;

  /** @param maxBytes Of a value; a line longer than that is a value of its own. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes added since the last `take`, newlines included. */
  get bytes(): number {
    return this.fullBytes + this.end;
  }

  /** @param line Without a newline in it. */
  add(line: string): void {
    // No character takes more than three bytes of UTF-8 for each of its UTF-16 units: mostly there is room in any case.
    if (this.end + line.length * 3 + 1 > this.filling.length) this.makeRoom(Buffer.byteLength(line) + 1);
    this.end += this.filling.write(line, this.end);
    this.filling[this.end++] = NEWLINE;
  }

  /** @returns All lines added since the last call, in order; empty where there are none. The buffers are the caller's. */
  take(): Buffer[] {
    if (this.end > 0) this.seal();
    this.fullBytes = 0;
    return this.full.splice(0);
  }

  private makeRoom(bytes: number): void {
    if (this.end > 0 && this.end + bytes > this.maxBytes) this.seal();
    const needed = this.end + bytes;
    if (needed <= this.filling.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(this.maxBytes, this.filling.length * 2 || FIRST_BYTES)));
    this.filling.copy(grown, 0, 0, this.end);
    this.filling = grown;
  }

  private seal(): void {
    this.full.push(this.filling.subarray(0, this.end));
    this.fullBytes += this.end;
    this.filling = EMPTY;
    this.end = 0;
  }
}

const EMPTY = Buffer.alloc(0);
