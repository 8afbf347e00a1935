import type { Alert } from '../../schemas/alert.ts';
import { type AlertSink, failureText, SinkFailure } from './alert-sink.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Attempts at an alert that its receiver refuses. */
const REFUSALS = 3;

/** What is queued, by whom. */
export interface Queued {
  readonly alert: Alert;
  /** Whose it is; see `forget`. */
  readonly owner: object;
  done(outcome: 'delivered' | 'rejected'): void;
}

/**
 * Sends one sink its alerts, one after another in their order, and again until the sink takes them: the pause between attempts
 * doubles from half a second up to 30 s and is cut by up to a half at random, or is what the receiver asks for, half a second
 * at least. An alert that the receiver refuses three times for what it is (`SinkFailure.isRefused`) is given up.
 */
export class SinkQueue {
  readonly name: string;
  readonly counters = { delivered: 0, failed: 0, rejected: 0 };
  /** What is wrong with the sink; null: nothing, as far as is known. */
  trouble: string | null = null;
  private readonly sink: AlertSink;
  private readonly timeoutMs: number;
  private readonly onTrouble: (trouble: string | null) => void;
  private queue: Queued[] = [];
  private running: Promise<void> | null = null;
  private readonly closing = new AbortController();

  /** @param onTrouble Told when the sink goes down (why) and when it is back (null), once each. */
  constructor(options: {
    readonly name: string;
    readonly sink: AlertSink;
    /** Of one attempt. */
    readonly timeoutMs: number;
    readonly onTrouble: (trouble: string | null) => void;
  }) {
    this.name = options.name;
    this.sink = options.sink;
    this.timeoutMs = options.timeoutMs;
    this.onTrouble = options.onTrouble;
  }

  get length(): number {
    return this.queue.length;
  }

  push(delivery: Queued): void {
    this.queue.push(delivery);
    this.running ??= this.run();
  }

  /** Drops what an owner has queued; an attempt under way goes on, and its end is told to nobody. */
  forget(owner: object): void {
    this.queue = this.queue.filter((each) => each.owner !== owner);
  }

  /** Ends what is under way. What is queued stays undelivered. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
    await this.sink.close();
  }

  private async run(): Promise<void> {
    let attempts = 0;
    let last: Queued | null = null;
    for (let next = this.queue[0]; next !== undefined && !this.closing.signal.aborted; next = this.queue[0]) {
      if (next !== last) attempts = 0;
      last = next;
      const failure = await this.attempt(next.alert);
      if (this.closing.signal.aborted) break;
      attempts++;
      const isFirst = this.queue[0] === next;
      if (failure === null) {
        this.counters.delivered++;
        this.say(null);
        if (isFirst) this.finish(next, 'delivered');
        continue;
      }
      this.counters.failed++;
      const isRefused = failure instanceof SinkFailure && failure.isRefused;
      if (isRefused && attempts >= REFUSALS) {
        this.counters.rejected++;
        this.say(null);
        if (isFirst) this.finish(next, 'rejected');
        continue;
      }
      this.say(failureText(failure));
      await this.pause(attempts, failure);
    }
    // In the same breath as the look at the queue: whoever adds to it next starts anew.
    this.running = null;
  }

  private finish(delivery: Queued, outcome: 'delivered' | 'rejected'): void {
    this.queue.shift();
    delivery.done(outcome);
  }

  /** @returns What went wrong, or null. */
  private async attempt(alert: Alert): Promise<unknown> {
    const attempt = new AbortController();
    const { signal } = attempt;
    const onClose = () => attempt.abort(this.closing.signal.reason);
    this.closing.signal.addEventListener('abort', onClose, { once: true });
    const timer = setTimeout(() => attempt.abort(new SinkFailure('It did not answer in time.')), this.timeoutMs);
    // A sink that does not heed the signal must not hold up its queue for ever.
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    try {
      await Promise.race([this.sink.send(alert, signal), aborted]);
      return null;
    } catch (error) {
      return error ?? new Error('It failed.');
    } finally {
      clearTimeout(timer);
      this.closing.signal.removeEventListener('abort', onClose);
    }
  }

  private say(trouble: string | null): void {
    const changed = (trouble === null) !== (this.trouble === null);
    this.trouble = trouble;
    if (changed) this.onTrouble(trouble);
  }

  private pause(attempts: number, failure: unknown): Promise<void> {
    const asked = failure instanceof SinkFailure ? failure.retryAfterMs : null;
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 16));
    const pauseMs = asked === null ? longest * (1 - Math.random() / 2) : Math.max(FIRST_PAUSE_MS, asked);
    const { signal } = this.closing;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, pauseMs);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
