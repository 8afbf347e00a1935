/** Characters the grammar may read at once after a quiet time: 0.3 s of ordinary SQL in all, 2 s of the slowest known. */
const LARGEST_CREDIT = 256 * 1024;
/** Characters it may read for each statement masked: at most some 14 µs (measured: 1 to 7 µs a character, linear). */
const CREDIT_PER_STATEMENT = 2;

/**
 * Keeps the grammar parser to a share of the work: whoever sends endless different statements pays for the parser with
 * statements masked. State only, no clock: the same statements in the same order are parsed and skipped alike.
 */
export class ParseBudget {
  private credit = LARGEST_CREDIT;

  earn(): void {
    if (this.credit < LARGEST_CREDIT) this.credit += CREDIT_PER_STATEMENT;
  }

  /** @returns False, taking nothing, when the credit does not cover `characters`. */
  spend(characters: number): boolean {
    if (characters > this.credit) return false;
    this.credit -= characters;
    return true;
  }
}
