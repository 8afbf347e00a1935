import type { BusRecord, Position } from '../../bus/bus.ts';
import type { DeadLetterReason } from '../../schemas/dead-letter.ts';
import type { Outputs } from './outputs.ts';

/**
 * Brings a topic into the store whose rows replace themselves by their version: so nothing is remembered beyond the offsets of the
 * group. What cannot be read, and what the store refuses for its contents, is a dead letter.
 */
export abstract class StoreIntake<Row extends object> {
  private readonly topic: string;
  private readonly outputs: Outputs;
  private readonly nowMs: () => number;
  private readonly next = new Map<number, number>();
  /** Where rows under way came from, for those that are refused. */
  private readonly origins = new WeakMap<Row, BusRecord>();

  constructor(topic: string, outputs: Outputs, nowMs: () => number) {
    this.topic = topic;
    this.outputs = outputs;
    this.nowMs = nowMs;
  }

  handle(record: BusRecord): void {
    this.read(record);
    this.next.set(record.partition, record.offset + 1);
  }

  /** How far it is; what was handled before is durable once the store says so. */
  positions(): Position[] {
    return [...this.next].map(([partition, offset]) => ({ topic: this.topic, partition, offset }));
  }

  revoked(partition: number): void {
    this.next.delete(partition);
  }

  /** The store refused a row for its contents. */
  rejected(row: Row, engineCode: string): void {
    const record = this.origins.get(row);
    if (record !== undefined) this.dead(record, 'rejected', engineCode);
  }

  /** Gives the store what the record holds. */
  protected abstract read(record: BusRecord): void;

  protected cameFrom(record: BusRecord, row: Row): void {
    this.origins.set(row, record);
  }

  /** @param line Of the record; null: all of it. @param furtherLines Bad ones behind it that have no dead letter of their own. */
  protected dead(
    record: BusRecord,
    reason: DeadLetterReason,
    errorCode: string,
    line: number | null = null,
    furtherLines = 0,
  ): void {
    this.outputs.deadLetter(record.partition, {
      timeMs: this.nowMs(),
      stage: 'store',
      reason,
      errorCode,
      topic: record.topic,
      partition: record.partition,
      offset: record.offset,
      line,
      bytes: record.value?.length ?? 0,
      ...(furtherLines > 0 && { furtherLines }),
    });
  }
}
