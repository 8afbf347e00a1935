import type { BusRecord } from './bus.ts';
import type { Membership, Task } from './membership.ts';
import { within } from './within.ts';

/** Beyond these many bytes a partition that waits for its member takes no further batch. */
const WAITING_BYTES = 2 * 1_048_576;
/** What a record weighs besides its value. */
const RECORD_BYTES = 64;

/** The fetched records of one partition on their way to the member, so that a slow one does not stop the fetching of others. */
export class KafkaLane {
  readonly task: Task;
  /** The offset the next batch begins with. */
  fetchNext: number;
  /** Where the brokers began instead, once; the second time it is believed. */
  otherStart = -1;
  isPaused = false;
  private readonly membership: Membership;
  private readonly onRoom: () => void;
  private records: BusRecord[] = [];
  private bytes = 0;
  private isRunning = false;
  private waiting: (() => void)[] = [];

  /** @param onRoom Called each time there is room again. */
  constructor(membership: Membership, task: Task, onRoom: () => void) {
    this.membership = membership;
    this.task = task;
    this.fetchNext = task.next;
    this.onRoom = onRoom;
  }

  get hasRoom(): boolean {
    return this.bytes < WAITING_BYTES;
  }

  push(records: readonly BusRecord[]): void {
    for (const record of records) {
      this.records.push(record);
      this.bytes += weight(record);
    }
    if (!this.isRunning) void this.run();
  }

  /** Waits until there is room, so long at most. */
  async roomWithin(limitMs: number): Promise<void> {
    if (this.hasRoom) return;
    await within(limitMs, new Promise<void>((resolve) => this.waiting.push(resolve)));
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.records.length > 0) {
      const batch = this.records;
      this.records = [];
      for (const record of batch) {
        if (!(await this.membership.deliver(this.task, record))) {
          this.records = [];
          this.wake();
          // The partition is taken away: nothing of this lane is delivered any more.
          return;
        }
        const hadRoom = this.hasRoom;
        this.bytes -= weight(record);
        if (!hadRoom && this.hasRoom) this.wake();
      }
    }
    this.isRunning = false;
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
    this.onRoom();
  }
}

function weight(record: BusRecord): number {
  return RECORD_BYTES + (record.value?.length ?? 0);
}
