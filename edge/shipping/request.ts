import type { SealedBatch } from './sealed-batch.ts';

/** Bytes in flight: one request at a time, and while it is under way the next one gathers. */
const REQUEST_BYTES = 4 * 1024 * 1024;
/** A broker takes 1 MB for a partition in one request unless its topic allows more; three full batches stay below it. */
const PARTITION_BYTES = 800 * 1024;

/** Batches that go to Kafka in one request, in order. */
export class Request {
  readonly batches: SealedBatch[] = [];
  bytes = 0;
  /** They lie in the spool too. */
  isSpooled = false;
  /** When the first attempt began, and when the oldest batch was sealed, ms. */
  readonly beganMs: number;
  private readonly ofPartition = new Map<number, number>();

  constructor(beganMs: number) {
    this.beganMs = beganMs;
  }

  get isFull(): boolean {
    return this.bytes >= REQUEST_BYTES;
  }

  /** Adds a batch; false where it does not fit any more. The first one always fits. */
  add(batch: SealedBatch): boolean {
    const { length } = batch.value;
    const before = this.ofPartition.get(batch.partition) ?? 0;
    if (before > 0 && before + length > PARTITION_BYTES) return false;
    if (this.bytes > 0 && this.bytes + length > REQUEST_BYTES) return false;
    this.ofPartition.set(batch.partition, before + length);
    this.bytes += length;
    this.batches.push(batch);
    return true;
  }
}
