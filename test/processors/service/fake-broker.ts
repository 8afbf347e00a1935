import type { Bus, BusRecord, OutgoingRecord, Subscription } from '../../../bus/bus.ts';

/** Topics in memory, shared by all processes of a test. Reading is immediate. */
export class FakeBroker {
  readonly partitionCount: number;
  private readonly topics = new Map<string, BusRecord[][]>();

  constructor(partitionCount: number) {
    this.partitionCount = partitionCount;
  }

  records(topic: string, partition: number): BusRecord[] {
    let partitions = this.topics.get(topic);
    if (partitions === undefined) {
      partitions = Array.from({ length: this.partitionCount }, () => []);
      this.topics.set(topic, partitions);
    }
    return partitions[partition]!;
  }

  all(topic: string): BusRecord[] {
    return Array.from({ length: this.partitionCount }, (_, partition) => this.records(topic, partition)).flat();
  }

  append(topic: string, records: readonly OutgoingRecord[]): void {
    for (const { partition, key, value } of records) {
      const log = this.records(topic, partition);
      const offset = (log.at(-1)?.offset ?? -1) + 1;
      log.push({ topic, partition, offset, key, value, timeMs: 1_767_225_600_000 + offset * 1_000 });
    }
  }

  /** As a broker without any lag would: of each key the last record, and no deletions. */
  compact(topic: string): void {
    for (let partition = 0; partition < this.partitionCount; partition++) {
      const log = this.records(topic, partition);
      const last = new Map(log.map((record) => [record.key, record]));
      const kept = log.filter((record) => last.get(record.key) === record && record.value !== null);
      log.splice(0, log.length, ...kept);
    }
  }
}

/** How one process sees the broker: what it sends waits until it is delivered, or never is. */
export class FakeBus implements Bus {
  /** A process that is gone for good: what it had sent and was not delivered never arrives. */
  isDead = false;
  /** Deliver at once. */
  isImmediate = false;
  /** Of those delivered at once: after so many the process dies. */
  sendsLeft = Number.POSITIVE_INFINITY;
  private readonly broker: FakeBroker;
  private readonly waiting: { topic: string; records: readonly OutgoingRecord[]; done: () => void }[] = [];

  constructor(broker: FakeBroker) {
    this.broker = broker;
  }

  partitions(): Promise<number> {
    return Promise.resolve(this.broker.partitionCount);
  }

  send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    if (this.isImmediate && !this.isDead) {
      if (this.sendsLeft-- <= 0) this.isDead = true;
      else {
        this.broker.append(topic, records);
        return Promise.resolve();
      }
    }
    return new Promise((done) => {
      this.waiting.push({ topic, records, done });
    });
  }

  /** The oldest request arrives and is answered. @returns false when there is none. */
  deliver(): boolean {
    const next = this.isDead ? undefined : this.waiting.shift();
    if (next === undefined) return false;
    this.broker.append(next.topic, next.records);
    next.done();
    return true;
  }

  async *read(topic: string, partition: number, fromOffset = 0): AsyncGenerator<readonly BusRecord[]> {
    const records = this.broker.records(topic, partition).filter(({ offset }) => offset >= fromOffset);
    if (records.length > 0) yield records;
  }

  subscribe(): Promise<Subscription> {
    return Promise.reject(new Error('The test drives the member itself.'));
  }

  caughtUp(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
