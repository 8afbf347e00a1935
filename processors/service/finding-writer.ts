import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import type { Finding } from '../../schemas/finding.ts';
import { findingRecord } from '../../schemas/finding-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import { sendInPieces } from './send-in-pieces.ts';

/** A new finding is under way after so long, whether a commit comes or not: an alert is a matter of seconds. */
const URGENT_MS = 100;

/** Sends parts of findings to their topic, one request at a time. */
export class FindingWriter {
  readonly counters = { parts: 0 };
  private readonly bus: Bus;
  private readonly partitions: number;
  private waiting: OutgoingRecord[] = [];
  private tail: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private failure: unknown = null;

  private constructor(bus: Bus, partitions: number) {
    this.bus = bus;
    this.partitions = partitions;
  }

  /** @throws SqltrailError `topic_missing`, `bus_*`. */
  static async open(bus: Bus): Promise<FindingWriter> {
    return new FindingWriter(bus, await bus.partitions(TOPIC.findings));
  }

  add(part: Finding): void {
    this.waiting.push(findingRecord(part, this.partitions));
    this.counters.parts++;
  }

  /** What was added is on its way within 100 ms, without a call of `written`. */
  hurry(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.flush();
    }, URGENT_MS);
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
    this.waiting = [];
  }

  private flush(): void {
    const records = this.waiting;
    if (records.length === 0) return;
    this.waiting = [];
    this.tail = this.tail.then(() => this.send(records));
  }

  private async send(records: readonly OutgoingRecord[]): Promise<void> {
    try {
      if (this.failure === null) await sendInPieces(this.bus, TOPIC.findings, records);
    } catch (error) {
      this.failure = error;
    }
  }
}
