import type { Bus } from '../../bus/bus.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { LedgerReason } from '../../schemas/ledger.ts';
import { BatchQueue } from './batch-queue.ts';
import { Refusals } from './refusals.ts';
import { Request } from './request.ts';
import type { SealedBatch } from './sealed-batch.ts';
import { ShippingCounters } from './shipping-counters.ts';
import type { Spool } from './spool.ts';
import { Waiters } from './waiters.ts';

/** Batches in memory, those of the request under way left out. */
const QUEUE_BYTES = 16 * 1024 * 1024;
/** A request that takes longer than this means that Kafka is away. */
const AWAY_AFTER_MS = 3_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** A number of messages of a ledger entry. */
export type Counted = Pick<SealedBatch, 'origin' | 'minuteMs' | 'messages'>;

export interface ShippingOptions {
  readonly bus: Pick<Bus, 'send'>;
  readonly topic: string;
  /** Null: nothing waits on disk. */
  readonly spool: Spool | null;
  /** What happens where neither memory nor disk has room: `drop` the newest batch, counted; or let the source `wait`. */
  readonly overflow: 'drop' | 'wait';
  readonly onAcked: (batch: Counted) => void;
  readonly onLost: (batch: Counted, reason: LedgerReason) => void;
  /** Told each time an attempt fails; it is made again. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Gets batches to their topic, those of a partition in order: from memory while Kafka keeps up, by way of the spool when it does
 * not. Order of age: the request under way, the spool, the queue; what is newer stays behind what is older.
 */
export class Shipping {
  readonly counters = new ShippingCounters();
  private readonly options: ShippingOptions;
  private readonly queue = new BatchQueue();
  private current: Request | null = null;
  /** Taken from the spool for a request in which it did not fit. */
  private carried: SealedBatch | null = null;
  private wake: () => void = () => undefined;
  private endPause: () => void = () => undefined;
  private readonly waiters = new Waiters();
  private readonly refusals: Refusals;
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;

  constructor(options: ShippingOptions) {
    this.options = options;
    this.refusals = new Refusals(options.overflow === 'wait');
    this.running = this.run();
  }

  /** Bytes in memory that no broker has yet. */
  get queuedBytes(): number {
    return this.queue.bytes + (this.current?.bytes ?? 0);
  }

  get isIdle(): boolean {
    return this.current === null && this.queue.length === 0 && (this.options.spool?.isEmpty ?? true);
  }

  /** The request under way waits for longer than a broker that lives would let it. */
  isAway(nowMs: number): boolean {
    return this.current !== null && nowMs - this.current.beganMs > AWAY_AFTER_MS;
  }

  /** When the oldest batch was sealed that is in memory alone; null where a kill would lose none. */
  get unsafeSinceMs(): number | null {
    return this.current !== null && !this.current.isSpooled ? this.current.beganMs : this.queue.oldestMs;
  }

  /** Takes a batch; never waits. */
  push(batch: SealedBatch, nowMs: number): void {
    if (this.keep(batch, nowMs)) this.wake();
    else this.lose(batch, 'spool_overflow');
  }

  /** To be called some times a second: notices that Kafka is away. */
  tick(nowMs: number): void {
    if (this.isAway(nowMs)) this.spill();
  }

  /** A source that can wait should. */
  get isFull(): boolean {
    return this.options.overflow === 'wait' && this.queue.bytes >= QUEUE_BYTES;
  }

  /** For sources that can wait: null while there is room. @throws What Kafka refused for good. */
  room(): Promise<void> | null {
    if (!this.isFull && !(this.options.overflow === 'wait' && this.waiters.hasFailed)) return null;
    return this.waiters.until(() => this.queue.bytes < QUEUE_BYTES / 2);
  }

  /** Resolves when Kafka has acknowledged everything. @throws What Kafka refused for good. */
  idle(): Promise<void> {
    return this.waiters.until(() => this.isIdle);
  }

  /**
   * Ends. What was not acknowledged goes to the spool, where there is one, for the next process.
   * @returns Once nothing is under way any more; a request that hangs is given up.
   */
  async close(): Promise<void> {
    if (this.stop.signal.aborted) return;
    this.stop.abort();
    this.endPause();
    this.wake();
    if (!this.isIdle) this.spill();
    for (let batch = this.queue.shift(); batch !== undefined; batch = this.queue.shift())
      this.lose(batch, 'spool_overflow');
    const { current } = this;
    if (current !== null && !current.isSpooled) for (const batch of current.batches) this.lose(batch, 'spool_overflow');
    this.options.spool?.close();
    if (current === null) await this.running;
  }

  private keep(batch: SealedBatch, nowMs: number): boolean {
    const { spool, overflow } = this.options;
    if (this.queue.length === 0 && spool !== null && !spool.isEmpty) {
      if (this.toSpool(spool, batch)) return true;
      if (overflow === 'drop') return false;
    } else if (overflow === 'drop' && this.queue.bytes + batch.value.length > QUEUE_BYTES) {
      return spool !== null && this.spill() && this.toSpool(spool, batch);
    }
    this.queue.push(batch, nowMs);
    return true;
  }

  private async run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.stop.signal.aborted) {
      this.current ??= this.next();
      if (this.current === null) {
        this.waiters.look();
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        continue;
      }
      const request = this.current;
      try {
        await this.options.bus.send(this.options.topic, recordsOf(request.batches));
        if (this.stop.signal.aborted) return;
        this.acknowledge(request);
        this.current = null;
        this.waiters.look();
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (this.stop.signal.aborted) return;
        this.counters.failures++;
        if (await this.isolated(request, error)) continue;
        if (this.stop.signal.aborted) return;
        this.options.onFailure(error);
        if (this.options.overflow === 'wait' && !isRetriable(error)) {
          this.waiters.fail(error);
          return;
        }
        this.putBack(request);
        await this.pause(pauseMs);
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
    }
  }

  private pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private next(): Request | null {
    const { spool } = this.options;
    if (spool === null || spool.isEmpty) return this.queue.length === 0 ? null : this.queue.takeRequest();
    const request = new Request(Date.now());
    request.isSpooled = true;
    for (;;) {
      const batch = this.carried ?? spool.take((lost) => this.losePart(lost.entries()));
      this.carried = null;
      if (batch === null) break;
      if (!request.add(batch)) {
        this.carried = batch;
        break;
      }
    }
    return request.batches.length === 0 ? this.next() : request;
  }

  private acknowledge(request: Request): void {
    if (request.isSpooled) this.options.spool?.ack(request.batches.length);
    this.counters.requests++;
    for (const batch of request.batches) this.sent(batch);
  }

  private sent(batch: SealedBatch): void {
    this.counters.sentBatches++;
    this.counters.sentBytes += batch.value.length;
    this.counters.sentMessages += batch.messages;
    this.counters.lastAckMs = Date.now();
    this.options.onAcked(batch);
  }

  /** Where a record is refused for what it is, each of its request goes alone, and those that are given up are lost. */
  private async isolated(request: Request, error: unknown): Promise<boolean> {
    if (!Refusals.isOf(error)) return false;
    for (let batch = request.batches[0]; batch !== undefined; batch = request.batches[0]) {
      try {
        await this.options.bus.send(this.options.topic, recordsOf([batch]));
        // Closed meanwhile: it is on disk already, or counted as lost.
        if (this.stop.signal.aborted) return false;
        this.counters.requests++;
        this.sent(batch);
      } catch (cause) {
        if (this.stop.signal.aborted || !this.refusals.isForGood(cause, this.counters.lastAckMs, Date.now()))
          return false;
        this.lose(batch, 'rejected');
      }
      this.refusals.over();
      request.batches.shift();
      if (request.isSpooled) this.options.spool?.ack(1);
    }
    this.current = null;
    this.waiters.look();
    return true;
  }

  private putBack(request: Request): void {
    if (!request.isSpooled) return;
    this.options.spool?.rewind();
    this.carried = null;
    this.current = null;
  }

  /**
   * Moves all that is in memory to the disk, the request under way too: it stays the oldest there.
   * @returns Whether newer batches now find room.
   */
  private spill(): boolean {
    const { spool, overflow } = this.options;
    if (spool === null) return false;
    if (this.current !== null && !this.current.isSpooled) {
      for (const batch of this.current.batches) {
        if (!this.toSpool(spool, batch)) {
          // Half a request on disk would come twice or in the wrong order: it stays in memory.
          spool.clear();
          return false;
        }
        spool.markTaken(batch);
      }
      this.current.isSpooled = true;
    }
    for (let batch = this.queue.peek(); batch !== undefined; batch = this.queue.peek()) {
      if (!this.toSpool(spool, batch)) {
        if (overflow === 'wait') return false;
        this.lose(batch, 'spool_overflow');
      }
      this.queue.shift();
    }
    return true;
  }

  private toSpool(spool: Spool, batch: SealedBatch): boolean {
    if (!spool.append(batch)) return false;
    this.counters.spooledBatches++;
    this.counters.spooledBytes += batch.value.length;
    return true;
  }

  private lose(batch: Counted, reason: LedgerReason): void {
    this.counters.lostMessages += batch.messages;
    this.options.onLost(batch, reason);
  }

  private losePart(lost: Iterable<Counted>): void {
    for (const entry of lost) this.lose(entry, 'unreadable');
  }
}

function recordsOf(batches: readonly SealedBatch[]) {
  return batches.map(({ partition, value }) => ({ partition, key: null, value }));
}

function isRetriable(error: unknown): boolean {
  return error instanceof SqltrailError && error.retriable;
}
