import type { BusRecord } from './bus.ts';

/** The records of one partition that are still needed, in memory. */
export class PartitionLog {
  /** Offset of the oldest record kept, and of the next one to come. */
  start = 0;
  end = 0;
  private records: BusRecord[] = [];
  private readonly bound: number;
  private waiting: (() => void)[] = [];
  private isClosed = false;

  /** @param bound Records kept before `roomFor` waits. */
  constructor(bound: number) {
    this.bound = bound;
  }

  append(record: BusRecord): void {
    this.records.push(record);
    this.end++;
  }

  /** The record at this offset, or the oldest kept where that one is forgotten already. */
  at(offset: number): BusRecord | undefined {
    return this.records[Math.max(0, offset - this.start)];
  }

  /** All records kept, from this offset on. */
  from(offset: number): BusRecord[] {
    return this.records.slice(Math.max(0, offset - this.start));
  }

  dropBefore(offset: number): void {
    const count = Math.min(offset, this.end) - this.start;
    if (count <= 0) return;
    this.records.splice(0, count);
    this.start += count;
    if (this.records.length < this.bound) this.release();
  }

  /** Resolves when fewer records than the bound are kept. */
  roomFor(): Promise<void> {
    if (this.isClosed || this.records.length < this.bound) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Lets everybody go on who waits for room, and nobody wait again. */
  close(): void {
    this.isClosed = true;
    this.release();
  }

  private release(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
