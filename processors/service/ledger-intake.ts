import type { BusRecord } from '../../bus/bus.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import type { LedgerEntry } from '../../schemas/ledger.ts';
import { readLedgerRecord } from '../../schemas/ledger-record.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { ServerMinute } from '../../schemas/server-minute.ts';
import { TOPIC } from '../../schemas/topics.ts';
import { BadLines } from './bad-lines.ts';
import type { Outputs, RowStore } from './outputs.ts';
import { StoreIntake } from './store-intake.ts';

/** Brings `mysql.ledger.v1` into the store. */
export class LedgerIntake extends StoreIntake<Loss | LedgerEntry | ServerMinute | ConnectionIdentity> {
  private readonly store: RowStore;
  private readonly badLines = new BadLines();

  constructor(store: RowStore, outputs: Outputs, nowMs: () => number) {
    super(TOPIC.ledger, outputs, nowMs);
    this.store = store;
  }

  protected read(record: BusRecord): void {
    if (record.value === null) {
      this.dead(record, 'garbage', 'garbage');
      return;
    }
    this.badLines.begin();
    readLedgerRecord(record.value, {
      entry: (entry) => {
        this.cameFrom(record, entry);
        this.store.addEntry(entry);
      },
      loss: (loss) => {
        this.cameFrom(record, loss);
        this.store.add(loss);
      },
      serverMinute: (minute) => {
        this.cameFrom(record, minute);
        this.store.addServerMinute(minute);
      },
      identity: (identity) => {
        this.cameFrom(record, identity);
        this.store.addIdentity(identity);
      },
      bad: (line) => {
        if (this.badLines.add(line)) this.dead(record, 'bad_line', 'bad_line', line);
      },
    });
    const beyond = this.badLines.beyond();
    if (beyond !== null) this.dead(record, 'bad_line', 'bad_line', beyond.line, beyond.furtherLines);
  }
}
