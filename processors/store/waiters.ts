/** Those who wait for batches to be written, by the batch's number. */
export class Waiters {
  #waiting: { readonly number: number; resolve(): void; reject(error: unknown): void }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #timedNumber = 0;

  /** Settles when the batch of this number is done. */
  wait(number: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ number, resolve, reject }));
  }

  /** Calls back once after this time; further calls for the same number change nothing. */
  after(delayMs: number, number: number, action: () => void): void {
    if (number === this.#timedNumber) return;
    this.#timedNumber = number;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delayMs);
  }

  /** The batches up to this number are done. */
  done(number: number): void {
    const due = this.#waiting.filter((waiter) => waiter.number <= number);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => waiter.number > number);
    for (const waiter of due) waiter.resolve();
  }

  /** No batch will be done any more. */
  fail(error: unknown): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
    this.end();
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
