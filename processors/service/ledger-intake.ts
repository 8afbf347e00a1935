import type { BusRecord, Position } from '../../bus/bus.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import type { DeadLetterReason } from '../../schemas/dead-letter.ts';
import type { LedgerEntry } from '../../schemas/ledger.ts';
import { readLedgerRecord } from '../../schemas/ledger-record.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { ServerMinute } from '../../schemas/server-minute.ts';
import { TOPIC } from '../../schemas/topics.ts';
import { BadLines } from './bad-lines.ts';
import type { Outputs, RowStore } from './outputs.ts';

/**
 * Brings `mysql.ledger.v1` into the store. Its rows replace themselves by their version, so nothing is remembered beyond the
 * offsets of the group.
 */
export class LedgerIntake {
  private readonly store: RowStore;
  private readonly outputs: Outputs;
  private readonly nowMs: () => number;
  private readonly next = new Map<number, number>();
  private readonly badLines = new BadLines();
  /** Where rows under way came from, for those that are refused. */
  private readonly origins = new WeakMap<Loss | LedgerEntry | ServerMinute | ConnectionIdentity, BusRecord>();

  constructor(store: RowStore, outputs: Outputs, nowMs: () => number) {
    this.store = store;
    this.outputs = outputs;
    this.nowMs = nowMs;
  }

  handle(record: BusRecord): void {
    this.badLines.begin();
    if (record.value === null) this.dead(record, 'garbage', 'garbage', null);
    else
      readLedgerRecord(record.value, {
        entry: (entry) => {
          this.origins.set(entry, record);
          this.store.addEntry(entry);
        },
        loss: (loss) => {
          this.origins.set(loss, record);
          this.store.add(loss);
        },
        serverMinute: (minute) => {
          this.origins.set(minute, record);
          this.store.addServerMinute(minute);
        },
        identity: (identity) => {
          this.origins.set(identity, record);
          this.store.addIdentity(identity);
        },
        bad: (line) => {
          if (this.badLines.add(line)) this.dead(record, 'bad_line', 'bad_line', line);
        },
      });
    const beyond = this.badLines.beyond();
    if (beyond !== null) this.dead(record, 'bad_line', 'bad_line', beyond.line, beyond.furtherLines);
    this.next.set(record.partition, record.offset + 1);
  }

  /** How far it is; what was handled before is durable once the store says so. */
  positions(): Position[] {
    return [...this.next].map(([partition, offset]) => ({ topic: TOPIC.ledger, partition, offset }));
  }

  revoked(partition: number): void {
    this.next.delete(partition);
  }

  /** The store refused a row for its contents. */
  rejected(row: Loss | LedgerEntry | ServerMinute | ConnectionIdentity, engineCode: string): void {
    const record = this.origins.get(row);
    if (record !== undefined) this.dead(record, 'rejected', engineCode, null);
  }

  private dead(
    record: BusRecord,
    reason: DeadLetterReason,
    errorCode: string,
    line: number | null,
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
