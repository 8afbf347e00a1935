import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import { countLine } from '../../schemas/ledger-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { EdgeLedger } from './edge-ledger.ts';

/** Entries of one record; a line is some 300 bytes. */
const LINES_PER_RECORD = 1_000;

/**
 * Sends what changed in the ledger to its topic, one request at a time. Entries are totals, so a request that failed needs no
 * queue and no disk: the next one holds what they are by then.
 */
export class LedgerPublisher {
  /** When an entry was acknowledged last, ms since the epoch; 0 before. */
  lastAckMs = 0;
  /** Why the last request failed; null where it did not. */
  failure: unknown = null;
  private readonly bus: Pick<Bus, 'send' | 'partitions'>;
  private readonly onFailure: (error: unknown) => void;
  private sending: Promise<void> | null = null;

  constructor(bus: Pick<Bus, 'send' | 'partitions'>, onFailure: (error: unknown) => void) {
    this.bus = bus;
    this.onFailure = onFailure;
  }

  /**
   * Publishes what changed, unless a request is under way still.
   * @param key Goes with the records and chooses their partition: entries of an origin stay in order.
   * @param minuteMs The minute of the capture now.
   * @returns Settles with that request; never rejects.
   */
  publish(ledger: EdgeLedger, key: string, minuteMs: number): Promise<void> {
    this.sending ??= this.send(ledger, key, minuteMs)
      .catch((error) => {
        this.failure = error;
        this.onFailure(error);
      })
      .finally(() => {
        this.sending = null;
      });
    return this.sending;
  }

  private async send(ledger: EdgeLedger, key: string, minuteMs: number): Promise<void> {
    const entries = ledger.changed();
    if (entries.length === 0) return;
    const partitions = await this.bus.partitions(TOPIC.ledger);
    const partition = partitionOf(key, partitions);
    for (let at = 0; at < entries.length; at += LINES_PER_RECORD) {
      const some = entries.slice(at, at + LINES_PER_RECORD);
      const value = Buffer.from(some.map((entry) => `${countLine(entry)}\n`).join(''));
      const record: OutgoingRecord = { partition, key, value };
      await this.bus.send(TOPIC.ledger, [record]);
      this.lastAckMs = Date.now();
      this.failure = null;
      ledger.published(some, minuteMs);
    }
  }
}

function partitionOf(key: string, partitions: number): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash % partitions;
}
