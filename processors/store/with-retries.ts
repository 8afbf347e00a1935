import { setTimeout as pause } from 'node:timers/promises';
import { SqltrailError } from '../../runtime/errors.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

export interface RetryPolicy {
  /** How often at most; Infinity: until it succeeds. */
  readonly attempts: number;
  /** Ends the pauses: the failure in hand is then thrown. */
  readonly signal: AbortSignal | null;
  /** Called before each pause. */
  onRetry(error: SqltrailError, attempt: number, pauseMs: number): void;
}

/**
 * Runs an operation until it succeeds or fails for good. The pause between attempts doubles from 250 ms up to 10 s, and is
 * cut by up to a half at random, so that many writers do not come back at once.
 *
 * @throws What the operation throws and is not retriable, or the last failure.
 */
export async function withRetries<T>(operation: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      const isFinal = attempt >= policy.attempts || policy.signal?.aborted === true;
      if (isFinal || !(error instanceof SqltrailError) || !error.retriable) throw error;
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      const pauseMs = Math.round(longest * (1 - Math.random() / 2));
      policy.onRetry(error, attempt, pauseMs);
      try {
        await pause(pauseMs, undefined, policy.signal === null ? {} : { signal: policy.signal });
      } catch {
        throw error;
      }
    }
  }
}
