/** Letters for single lines of one record; one more says how many lines there were beyond them. */
const LETTERS = 100;

/** Bounds the dead letters of one record, which may be nothing but short lines. */
export class BadLines {
  private count = 0;
  private firstBeyond = 0;

  /** A new record. */
  begin(): void {
    this.count = 0;
  }

  /** @returns Whether this line gets a letter of its own. */
  add(line: number): boolean {
    this.count++;
    if (this.count === LETTERS + 1) this.firstBeyond = line;
    return this.count <= LETTERS;
  }

  /** The lines without a letter of their own: the first of them, and how many there are behind it; null where each has one. */
  beyond(): { line: number; furtherLines: number } | null {
    return this.count <= LETTERS ? null : { line: this.firstBeyond, furtherLines: this.count - LETTERS - 1 };
  }
}
