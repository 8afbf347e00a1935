/** Characters the grammar may read at once after a quiet time; some 200 ms at its measured 1.2 MB/s. */
export const LARGEST_CREDIT = 256 * 1024;
/** Characters it may read for each statement masked: at most some 10 µs each. */
export const CREDIT_PER_STATEMENT = 8;

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
