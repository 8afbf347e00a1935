import { SqltrailError } from '../../runtime/errors.ts';

/** While the topic took nothing for as long, a record that is refused may be none of those at fault. */
const PATIENCE_MS = 60_000;

/** Which records that the brokers refuse are given up, so that they hold nobody up. */
export class Refusals {
  /** Since when the oldest record is refused; null while it is not. */
  private sinceMs: number | null = null;
  private readonly canWait: boolean;

  /** @param canWait Files can be read again once the topic is put right. */
  constructor(canWait: boolean) {
    this.canWait = canWait;
  }

  static isOf(error: unknown): boolean {
    return error instanceof SqltrailError && (error.code === 'record_too_large' || error.code === 'record_refused');
  }

  /** The oldest record was taken or given up. */
  over(): void {
    this.sinceMs = null;
  }

  /**
   * Whether a record that was refused alone is lost. One that is too large is; one that is refused for what it is, where the topic took
   * others within the last minute, or after a minute: else its settings are at fault, and all are kept for when they are put right.
   */
  isForGood(error: unknown, lastAckMs: number, nowMs: number): boolean {
    if (!(error instanceof SqltrailError) || !Refusals.isOf(error)) return false;
    if (error.code === 'record_too_large') return true;
    if (this.canWait) return false;
    this.sinceMs ??= nowMs;
    return nowMs - lastAckMs < PATIENCE_MS || nowMs - this.sinceMs >= PATIENCE_MS;
  }
}
