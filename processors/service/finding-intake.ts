import type { BusRecord, Position } from '../../bus/bus.ts';
import type { DeadLetterReason } from '../../schemas/dead-letter.ts';
import type { Finding } from '../../schemas/finding.ts';
import { readFindingRecord } from '../../schemas/finding-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { Outputs, RowStore } from './outputs.ts';

/**
 * Brings `mysql.findings.v1` into the store. Its rows replace themselves by their version, so nothing is remembered beyond the
 * offsets of the group.
 */
export class FindingIntake {
  private readonly store: RowStore;
  private readonly outputs: Outputs;
  private readonly nowMs: () => number;
  private readonly next = new Map<number, number>();
  /** Where rows under way came from, for those that are refused. */
  private readonly origins = new WeakMap<Finding, BusRecord>();

  constructor(store: RowStore, outputs: Outputs, nowMs: () => number) {
    this.store = store;
    this.outputs = outputs;
    this.nowMs = nowMs;
  }

  handle(record: BusRecord): void {
    const part = record.value === null ? null : readFindingRecord(record.value);
    if (part === null) this.dead(record, 'garbage', 'garbage');
    else {
      this.origins.set(part, record);
      this.store.addFinding(part);
    }
    this.next.set(record.partition, record.offset + 1);
  }

  /** How far it is; what was handled before is durable once the store says so. */
  positions(): Position[] {
    return [...this.next].map(([partition, offset]) => ({ topic: TOPIC.findings, partition, offset }));
  }

  revoked(partition: number): void {
    this.next.delete(partition);
  }

  /** The store refused a row for its contents. */
  rejected(part: Finding, engineCode: string): void {
    const record = this.origins.get(part);
    if (record !== undefined) this.dead(record, 'rejected', engineCode);
  }

  private dead(record: BusRecord, reason: DeadLetterReason, errorCode: string): void {
    this.outputs.deadLetter(record.partition, {
      timeMs: this.nowMs(),
      stage: 'store',
      reason,
      errorCode,
      topic: record.topic,
      partition: record.partition,
      offset: record.offset,
      line: null,
      bytes: record.value?.length ?? 0,
    });
  }
}
