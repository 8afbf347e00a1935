import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { SealedBatch } from './sealed-batch.ts';
import { decodeSpoolRecord, encodeSpoolRecord, SPOOL_HEADER_BYTES, spoolRecordBytes } from './spool-record.ts';
import { SpoolTally } from './spool-tally.ts';

/**
 * One file of the spool: records one after another, appended at its end and read from its start. Whole records only: what a
 * failed or killed write left behind is cut off.
 */
export class SpoolSegment {
  readonly path: string;
  /** Bytes of whole records, and how many there are. */
  bytes = 0;
  records = 0;
  /** Records that were read, and those acknowledged of them. */
  taken = 0;
  acked = 0;
  /** What is not acknowledged yet. */
  readonly tally = new SpoolTally();
  private readAt = 0;
  private file: number | null = null;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws NodeJS.ErrnoException where the file cannot be made. */
  static create(path: string): SpoolSegment {
    const segment = new SpoolSegment(path);
    segment.file = openSync(path, 'wx+', 0o600);
    return segment;
  }

  /**
   * A segment that an earlier process left.
   * @returns It, and the bytes that were cut from its end: a record that is not whole, or damaged, and all behind it.
   */
  static recover(path: string): { segment: SpoolSegment; cutBytes: number } {
    const segment = new SpoolSegment(path);
    const contents = readFileSync(path);
    for (let batch = decodeSpoolRecord(contents, 0); batch !== null; ) {
      segment.bytes += spoolRecordBytes(contents, segment.bytes);
      segment.records++;
      segment.tally.add(batch);
      batch = decodeSpoolRecord(contents, segment.bytes);
    }
    const cutBytes = contents.length - segment.bytes;
    if (cutBytes > 0) truncateSync(path, segment.bytes);
    return { segment, cutBytes };
  }

  get isRead(): boolean {
    return this.taken === this.records;
  }

  get isAcked(): boolean {
    return this.acked === this.records;
  }

  /** @returns false where the disk has no room or refuses; the file then ends with the record before. */
  append(batch: SealedBatch): boolean {
    const record = encodeSpoolRecord(batch);
    try {
      const file = this.open();
      for (let at = 0; at < record.length; ) at += writeSync(file, record, at, record.length - at, this.bytes + at);
    } catch {
      this.cutTail();
      return false;
    }
    this.bytes += record.length;
    this.records++;
    this.tally.add(batch);
    return true;
  }

  /**
   * The next record that was not read.
   * @returns Null where it cannot be read: the disk lost it, and nothing behind it can be found.
   */
  take(): SealedBatch | null {
    try {
      const file = this.open();
      const header = Buffer.alloc(SPOOL_HEADER_BYTES);
      readSync(file, header, 0, header.length, this.readAt);
      const length = spoolRecordBytes(header, 0);
      if (length === 0 || this.readAt + length > this.bytes) return null;
      const record = Buffer.allocUnsafeSlow(length);
      if (readSync(file, record, 0, length, this.readAt) < length) return null;
      const batch = decodeSpoolRecord(record, 0);
      if (batch === null) return null;
      this.readAt += length;
      this.taken++;
      return batch;
    } catch {
      return null;
    }
  }

  ack(batch: SealedBatch): void {
    this.acked++;
    this.tally.add(batch, -1);
  }

  /** The oldest `records` of those read that are not acknowledged are to be read again: all of them. */
  rewind(unacked: readonly SealedBatch[]): void {
    for (const batch of unacked) this.readAt -= encodedBytes(batch);
    this.taken -= unacked.length;
  }

  /** Passes over a record that somebody holds in memory. */
  skip(batch: SealedBatch): void {
    this.readAt += encodedBytes(batch);
    this.taken++;
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }

  remove(): void {
    this.close();
    unlinkSync(this.path);
  }

  private open(): number {
    this.file ??= openSync(this.path, 'r+');
    return this.file;
  }

  private cutTail(): void {
    try {
      if (this.file !== null && statSync(this.path).size > this.bytes) ftruncateSync(this.file, this.bytes);
    } catch {
      // The next record is written over it, and at recovery its checksum is wrong.
    }
  }
}

function encodedBytes(batch: SealedBatch): number {
  return SPOOL_HEADER_BYTES + 16 + Buffer.byteLength(batch.origin) + batch.value.length;
}
