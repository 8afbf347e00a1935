import type { BusRecord } from './bus.ts';

/** The records of one partition that are still needed, in memory. */
export class PartitionLog {
  /** Offset of the oldest record kept, and of the next one to come. */
  start = 0;
  end = 0;
  private records: BusRecord[] = [];
  private readonly bound: number;
  private waiting: (() => void)[] = [];

  /** @param bound Records kept before `roomFor` waits. */
  constructor(bound: number) {
    this.bound = bound;
  }

  append(record: BusRecord): void {
    this.records.push(record);
    this.end++;
  }

  at(offset: number): BusRecord | undefined {
    return this.records[offset - this.start];
  }

  dropBefore(offset: number): void {
    if (offset <= this.start) return;
    this.records.splice(0, offset - this.start);
    this.start = offset;
    if (this.records.length < this.bound) this.release();
  }

  /** Resolves when fewer records than the bound are kept. */
  roomFor(): Promise<void> {
    if (this.records.length < this.bound) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Lets everybody go on who waits for room. */
  release(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
