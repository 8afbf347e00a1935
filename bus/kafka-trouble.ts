import { setTimeout as sleep } from 'node:timers/promises';
import { SqltrailError } from '../runtime/errors.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const FAILURES_TO_REPORT = 4;

/** What the bus cannot do at present, by what it was about; each is told once, until that works again. */
export class KafkaTrouble {
  private readonly current = new Map<string, SqltrailError>();
  private readonly listener: ((error: SqltrailError) => void) | undefined;
  private readonly closing = new AbortController();

  constructor(listener: ((error: SqltrailError) => void) | undefined) {
    this.listener = listener;
  }

  /** The oldest trouble that is not over; null when all is well. */
  get now(): SqltrailError | null {
    return this.current.values().next().value ?? null;
  }

  get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  report(about: string, error: SqltrailError): void {
    if (this.isClosed || this.current.get(about)?.code === error.code) return;
    this.current.set(about, error);
    this.listener?.(error);
  }

  over(about: string): void {
    this.current.delete(about);
  }

  /** Ends all waiting. */
  close(): void {
    this.closing.abort();
  }

  /** Waits so long, or until the bus is closed. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => {});
  }

  /**
   * Tries until it works, or fails with what no repetition heals.
   * @throws SqltrailError not retriable, or `bus_unreachable` once the bus is closed.
   */
  async retry<T>(about: string, call: () => Promise<T>): Promise<T> {
    let failures = 0;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      if (this.isClosed) throw closedError(about);
      try {
        const result = await call();
        this.over(about);
        return result;
      } catch (error) {
        if (!(error instanceof SqltrailError) || !error.retriable) {
          this.over(about);
          throw error;
        }
        failures++;
        // Coordinators that load and leaders that change are everyday life for a moment.
        if (error.code !== 'bus_failed' || failures >= FAILURES_TO_REPORT) this.report(about, error);
      }
      await this.pause(pauseMs);
    }
  }
}

/** Of a call that the end of the bus cut off. */
export function closedError(about: string): SqltrailError {
  return new SqltrailError(
    'bus_unreachable',
    `Could not ${about}: the connection to Kafka was closed.`,
    'Start again.',
  );
}
