import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import { LinePacker } from '../../schemas/line-packer.ts';
import { sendInPieces } from './send-in-pieces.ts';

/** Lines of a record, before compression. */
const RECORD_BYTES = 512 * 1024;
/** Lines that wait for others, over all partitions, before they are sent. */
const GATHERED_BYTES = 2 * 1024 * 1024;
/** Bytes under way and gathered before `ready` waits. */
const BOUND_BYTES = 16 * 1024 * 1024;

/** Packs lines into records of one topic and sends them, one request at a time. */
export class TopicWriter {
  readonly counters = { lines: 0, records: 0, bytes: 0 };
  private readonly bus: Bus;
  private readonly topic: string;
  private readonly packers: LinePacker[];
  private gatheredBytes = 0;
  private underWayBytes = 0;
  private tail: Promise<void> = Promise.resolve();
  private failure: unknown = null;

  private constructor(bus: Bus, topic: string, partitions: number) {
    this.bus = bus;
    this.topic = topic;
    this.packers = Array.from({ length: partitions }, () => new LinePacker(RECORD_BYTES));
  }

  /** @throws SqltrailError `topic_missing`, `bus_*`. */
  static async open(bus: Bus, topic: string): Promise<TopicWriter> {
    return new TopicWriter(bus, topic, await bus.partitions(topic));
  }

  /** @param partition Of the source; the topic's own number of partitions folds it. */
  add(partition: number, line: string): void {
    const packer = this.packers[partition % this.packers.length]!;
    const before = packer.bytes;
    packer.add(line);
    this.gatheredBytes += packer.bytes - before;
    this.counters.lines++;
    if (this.gatheredBytes >= GATHERED_BYTES) this.flush();
  }

  /** Null while more may be added. Rejects where sending failed for good. */
  ready(): Promise<void> | null {
    if (this.failure !== null) return Promise.reject(this.failure);
    return this.underWayBytes + this.gatheredBytes < BOUND_BYTES ? null : this.written();
  }

  /** Done when everything added before is kept by the topic. */
  async written(): Promise<void> {
    this.flush();
    await this.tail;
    if (this.failure !== null) throw this.failure;
  }

  /** Forgets a failure and what waits: the records that led to it will come again. */
  reset(): void {
    this.failure = null;
    for (const packer of this.packers) packer.take();
    this.gatheredBytes = 0;
  }

  private flush(): void {
    const records: OutgoingRecord[] = [];
    for (const [partition, packer] of this.packers.entries()) {
      for (const value of packer.take()) records.push({ partition, key: null, value });
    }
    if (records.length === 0) return;
    const bytes = this.gatheredBytes;
    this.gatheredBytes = 0;
    this.underWayBytes += bytes;
    this.tail = this.tail.then(() => this.send(records, bytes));
  }

  private async send(records: readonly OutgoingRecord[], bytes: number): Promise<void> {
    try {
      if (this.failure === null) await sendInPieces(this.bus, this.topic, records);
      this.counters.records += records.length;
      this.counters.bytes += bytes;
    } catch (error) {
      this.failure = error;
    } finally {
      this.underWayBytes -= bytes;
    }
  }
}
