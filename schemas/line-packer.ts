/** Packs lines into values of newline-delimited JSON, each line ended by a newline. */
export class LinePacker {
  private readonly maxBytes: number;
  private readonly full: Buffer[] = [];
  private fullBytes = 0;
  private lines: string[] = [];
  private lineBytes = 0;

  /** @param maxBytes Of a value; a line longer than that is a value of its own. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes added since the last `take`, newlines included. */
  get bytes(): number {
    return this.fullBytes + this.lineBytes;
  }

  /** @param line Without a newline in it. */
  add(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.lineBytes > 0 && this.lineBytes + bytes > this.maxBytes) this.seal();
    this.lines.push(line);
    this.lineBytes += bytes;
  }

  /** @returns All lines added since the last call, in order; empty where there are none. */
  take(): Buffer[] {
    if (this.lines.length > 0) this.seal();
    this.fullBytes = 0;
    return this.full.splice(0);
  }

  private seal(): void {
    this.lines.push('');
    this.full.push(Buffer.from(this.lines.join('\n')));
    this.fullBytes += this.lineBytes;
    this.lines = [];
    this.lineBytes = 0;
  }
}
