import type { BusRecord } from '../../bus/bus.ts';
import type { Finding } from '../../schemas/finding.ts';
import { readFindingRecord } from '../../schemas/finding-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { Outputs, RowStore } from './outputs.ts';
import { StoreIntake } from './store-intake.ts';

/** Brings `mysql.findings.v1` into the store. */
export class FindingIntake extends StoreIntake<Finding> {
  private readonly store: RowStore;

  constructor(store: RowStore, outputs: Outputs, nowMs: () => number) {
    super(TOPIC.findings, outputs, nowMs);
    this.store = store;
  }

  protected read(record: BusRecord): void {
    const part = record.value === null ? null : readFindingRecord(record.value);
    if (part === null) {
      this.dead(record, 'garbage', 'garbage');
      return;
    }
    this.cameFrom(record, part);
    this.store.addFinding(part);
  }
}
