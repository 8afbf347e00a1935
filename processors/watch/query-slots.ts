/**
 * When a server is asked: once in each slot of an interval, and no more often over time. Somebody who cannot wait may have the query
 * of the next slot at once; that slot then passes without one.
 */
export class QuerySlots {
  private readonly everyMs: number;
  private readonly leastGapMs: number;
  private nextMs: number;
  private lastMs = Number.NEGATIVE_INFINITY;
  private isBorrowed = false;
  private soonMs = Number.POSITIVE_INFINITY;

  /** @param firstMs When the first query is due. */
  constructor(everyMs: number, firstMs: number) {
    this.everyMs = everyMs;
    this.leastGapMs = Math.min(1000, everyMs / 4);
    this.nextMs = firstMs;
  }

  /** When the next query may be sent. */
  get dueMs(): number {
    return Math.min(this.nextMs, this.soonMs);
  }

  /** One is sent. */
  asked(nowMs: number): void {
    if (nowMs < this.nextMs) {
      this.isBorrowed = true;
      this.nextMs += this.everyMs;
    } else {
      this.isBorrowed = false;
      // Slots that passed meanwhile are not made up for.
      this.nextMs += this.everyMs * (1 + Math.floor((nowMs - this.nextMs) / this.everyMs));
    }
    this.lastMs = nowMs;
    this.soonMs = Number.POSITIVE_INFINITY;
  }

  /** Someone would like an answer before the next slot; nothing happens where the query of the next slot is spent already. */
  askSoon(nowMs: number, delayMs: number): void {
    if (this.isBorrowed) return;
    const at = Math.max(nowMs + delayMs, this.lastMs + this.leastGapMs);
    if (at < this.nextMs) this.soonMs = Math.min(this.soonMs, at);
  }
}
