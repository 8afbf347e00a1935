import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SqltrailError } from '../../runtime/errors.ts';
import { makeDirectory } from './make-directory.ts';
import type { SealedBatch } from './sealed-batch.ts';
import { SpoolSegment } from './spool-segment.ts';
import { SpoolTally } from './spool-tally.ts';

/** A segment is deleted as a whole, and sent again as a whole after a crash. */
const SEGMENT_BYTES = 4 * 1024 * 1024;
const SEGMENT_NAME = /^(\d{12})\.segment$/;

/**
 * Batches on disk, first in, first out: appended at the end, taken from the front, deleted when acknowledged. Survives a kill
 * (not a power cut: nothing is synced). Disk work is synchronous, 256 KiB at a time into the page cache.
 */
export class Spool {
  /** Bytes that were cut off when it was opened: a record that a killed process had not finished. */
  cutBytes = 0;
  private readonly directory: string;
  private readonly maxBytes: number;
  private readonly segmentBytes: number;
  private readonly segments: SpoolSegment[] = [];
  private readonly inFlight: { readonly segment: SpoolSegment; readonly batch: SealedBatch }[] = [];
  private nextNumber = 1;

  private constructor(directory: string, maxBytes: number) {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.segmentBytes = Math.min(SEGMENT_BYTES, Math.ceil(maxBytes / 8));
  }

  /**
   * Opens a directory, which is made where it is missing, with what an earlier process left there.
   * @param maxBytes Bound of all segments together.
   * @throws SqltrailError `spool_failed` where the directory cannot be used.
   */
  static open(directory: string, maxBytes: number): Spool {
    const spool = new Spool(directory, maxBytes);
    try {
      makeDirectory(directory);
      for (const name of readdirSync(directory).sort()) {
        const number = SEGMENT_NAME.exec(name)?.[1];
        if (number !== undefined) spool.recover(join(directory, name), Number(number));
      }
    } catch (error) {
      throw new SqltrailError(
        'spool_failed',
        `the spool directory ${directory} cannot be used (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
        'Give a directory on a local disk in which this user may write.',
        { cause: error },
      );
    }
    return spool;
  }

  /** Nothing waits here, neither to be taken nor to be acknowledged. */
  get isEmpty(): boolean {
    return this.segments.length === 0;
  }

  get bytes(): number {
    let bytes = 0;
    for (const segment of this.segments) bytes += segment.bytes;
    return bytes;
  }

  /** @returns false where the bound is reached or the disk takes no more: the batch is not in the spool. */
  append(batch: SealedBatch): boolean {
    if (this.bytes + batch.value.length > this.maxBytes) return false;
    let segment = this.segments.at(-1);
    if (segment === undefined || segment.bytes >= this.segmentBytes) {
      try {
        const next = SpoolSegment.create(this.pathOf(this.nextNumber));
        segment?.close();
        segment = next;
      } catch {
        return false;
      }
      this.nextNumber++;
      this.segments.push(segment);
    }
    const isKept = segment.append(batch);
    if (!isKept) this.removeAcked();
    return isKept;
  }

  /**
   * The oldest batch that was not taken yet, null where there is none.
   * @param onDamaged Told what a segment held that can no longer be read.
   */
  take(onDamaged: (lost: SpoolTally) => void): SealedBatch | null {
    for (const segment of this.segments) {
      if (segment.isRead) continue;
      const batch = segment.take();
      if (batch !== null) {
        this.inFlight.push({ segment, batch });
        return batch;
      }
      onDamaged(this.giveUp(segment));
      this.removeAcked();
      return this.take(onDamaged);
    }
    return null;
  }

  /** The batch just appended is in somebody's hands already: it counts as taken. All before it must be taken too. */
  markTaken(batch: SealedBatch): void {
    const segment = this.segments.at(-1)!;
    segment.skip(batch);
    this.inFlight.push({ segment, batch });
  }

  /** The oldest `count` batches taken are acknowledged. */
  ack(count: number): void {
    for (const { segment, batch } of this.inFlight.splice(0, count)) segment.ack(batch);
    this.removeAcked();
  }

  /** What was taken and not acknowledged is taken again. */
  rewind(): void {
    for (const segment of this.segments) {
      segment.rewind(this.inFlight.filter((each) => each.segment === segment).map((each) => each.batch));
    }
    this.inFlight.length = 0;
  }

  /** Forgets everything, on disk too. */
  clear(): void {
    for (const segment of this.segments.splice(0)) removeQuietly(segment);
    this.inFlight.length = 0;
  }

  /** Messages that wait here, by ledger entry. */
  tally(): SpoolTally {
    const all = new SpoolTally();
    for (const segment of this.segments) for (const entry of segment.tally.entries()) all.add(entry);
    return all;
  }

  close(): void {
    for (const segment of this.segments) segment.close();
  }

  private recover(path: string, number: number): void {
    const { segment, cutBytes } = SpoolSegment.recover(path);
    this.cutBytes += cutBytes;
    this.nextNumber = number + 1;
    if (segment.records === 0) rmSync(path);
    else this.segments.push(segment);
  }

  /** The rest of a segment is unreadable: what it held beyond the batches in flight is lost. */
  private giveUp(segment: SpoolSegment): SpoolTally {
    const lost = new SpoolTally();
    for (const entry of segment.tally.entries()) lost.add(entry);
    for (const each of this.inFlight) if (each.segment === segment) lost.add(each.batch, -1);
    for (const entry of lost.entries()) segment.tally.add(entry, -1);
    segment.records = segment.taken;
    return lost;
  }

  private removeAcked(): void {
    while (this.segments[0]?.isAcked) removeQuietly(this.segments.shift()!);
    const last = this.segments.at(-1);
    if (last !== undefined && last.records === 0) removeQuietly(this.segments.pop()!);
  }

  private pathOf(number: number): string {
    return join(this.directory, `${String(number).padStart(12, '0')}.segment`);
  }
}

/** A file that cannot be deleted is sent again after a restart, where it is skipped by its sequence numbers. */
function removeQuietly(segment: SpoolSegment): void {
  try {
    segment.remove();
  } catch {
    segment.close();
  }
}
