interface Waiter {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Promises that settle when a condition holds, looked at whenever something changed. */
export class Waiters {
  private failure: unknown = null;
  private waiting: Waiter[] = [];

  get hasFailed(): boolean {
    return this.failure !== null;
  }

  until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ isDone, resolve, reject });
      this.look();
    });
  }

  look(): void {
    this.waiting = this.waiting.filter((waiter) => {
      if (this.failure !== null) waiter.reject(this.failure);
      else if (waiter.isDone()) waiter.resolve();
      else return true;
      return false;
    });
  }

  /** Everything waited for, now and later, rejects. */
  fail(failure: unknown): void {
    this.failure = failure;
    this.look();
  }
}
