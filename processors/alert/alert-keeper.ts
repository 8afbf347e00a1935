import type { LedgerEntry } from '../../schemas/ledger.ts';
import { countLine, readLedgerRecord } from '../../schemas/ledger-record.ts';
import { LEDGER_PREFIX } from '../service/changelog-keys.ts';
import type { AlertBooks } from './alert-books.ts';
import type { AlertState } from './alert-state.ts';
import type { AlertTask } from './alert-task.ts';
import { ALERT_PREFIX, type Delivery, SUMMARY_PREFIX } from './delivery-book.ts';

const FINDING_PREFIX = 'finding/';
/** More than an owner makes: at twenty a second, a year and a half. */
const WRITES = 1e9;
const NO_BLOBS: ReadonlyMap<string, Buffer> = new Map();

/** Keeps one task's state, and brings it back. Nothing is sent before it is kept, so that whatever was sent is known by its id. */
export class AlertKeeper {
  readonly task: AlertTask;
  private readonly state: AlertState;
  private readonly books: AlertBooks;
  /** Of the ledger's entries: grows with each write, and an owner's are greater than those of all before it. */
  private version = 0;
  private keptPosition: number | null = null;
  private unreadable: string[] = [];
  private tail: Promise<void> = Promise.resolve();
  private failure: unknown = null;
  /** Entries that are kept and not yet published. */
  private entries: LedgerEntry[] = [];

  constructor(task: AlertTask, state: AlertState, books: AlertBooks) {
    this.task = task;
    this.state = state;
    this.books = books;
  }

  /** @returns The first offset to handle; null where nothing is known of the partition. */
  async restore(nowMs: number): Promise<number | null> {
    const { task } = this;
    const { epoch, head, position, texts, unreadable } = await this.state.restore();
    const entries: LedgerEntry[] = [];
    const lost = [...unreadable];
    for (const [key, text] of texts) {
      if (!key.startsWith(LEDGER_PREFIX)) continue;
      const bad = () => lost.push(key);
      readLedgerRecord(Buffer.from(text), { entry: (entry) => entries.push(entry), loss: bad, bad });
    }
    for (const entry of entries.sort((a, b) => a.ordinal - b.ordinal)) task.totals.restore(entry);
    for (const [key, text] of texts) if (!this.restoreText(key, text, nowMs)) lost.push(key);
    const [ordinal = 0, version = 0, timeMs = 0] = numbersOf(head);
    task.totals.nextOrdinal = Math.max(task.totals.nextOrdinal, ordinal);
    // What a process still publishes that has lost the partition counts no more.
    this.version = Math.max(version, epoch * WRITES);
    task.lastTimeMs = timeMs;
    task.position = this.keptPosition = position;
    // They may have been kept without being published, or published differently by one that had lost the partition.
    this.entries = entries.map((entry) => ({ ...entry, version: this.version }));
    this.unreadable = lost;
    if (lost.length > 0) task.stateLost(lost.length, nowMs);
    return position;
  }

  /**
   * Writes down what changed. Resolves once it is kept.
   *
   * @param send Given what may be sent from then on.
   * @throws What the first write that failed threw, now and ever after: the partition must be restored.
   */
  keep(send: (deliveries: readonly Delivery[]) => void): Promise<void> {
    this.tail = this.tail.then(async () => {
      if (this.failure !== null) return;
      try {
        await this.write(send);
      } catch (error) {
        this.failure = error;
      }
    });
    return this.tail.then(() => {
      if (this.failure !== null) throw this.failure;
    });
  }

  /** Publishes the ledger's entries that are kept. */
  async publish(): Promise<void> {
    const { entries } = this;
    this.entries = [];
    if (entries.length > 0) await this.books.publish(this.task.partition, entries);
  }

  private async write(send: (deliveries: readonly Delivery[]) => void): Promise<void> {
    const { task } = this;
    const { findings, deliveries, totals, position } = task;
    const isSame = position === this.keptPosition && !findings.hasChanged && !deliveries.hasChanged;
    if (position === null || (isSame && !totals.hasChanged)) return;
    const made = deliveries.takeMade();
    const texts = deliveries.takeChanged();
    for (const [id, text] of findings.takeChanged()) texts.set(FINDING_PREFIX + id, text);
    this.version++;
    const { entries, removed } = totals.takeChanges(this.version);
    for (const entry of entries) texts.set(LEDGER_PREFIX + entry.ordinal, countLine(entry));
    for (const ordinal of removed) texts.set(LEDGER_PREFIX + ordinal, null);
    const head = `${totals.nextOrdinal} ${this.version} ${task.lastTimeMs}`;
    const deleted = this.unreadable;
    this.unreadable = [];
    this.keptPosition = position;
    await this.books.deadLetters(task.partition, task.takeLetters());
    await this.state.write({ position, head, texts, blobs: NO_BLOBS, deleted });
    this.entries.push(...entries);
    send(made);
  }

  private restoreText(key: string, text: string, nowMs: number): boolean {
    const { findings, deliveries } = this.task;
    if (key.startsWith(FINDING_PREFIX)) return findings.restore(text, nowMs);
    if (key.startsWith(ALERT_PREFIX)) return deliveries.restoreAlert(text);
    if (key.startsWith(SUMMARY_PREFIX)) return deliveries.restoreSummary(key.slice(SUMMARY_PREFIX.length), text);
    return key.startsWith(LEDGER_PREFIX);
  }
}

/** Of the position record's text, which anybody may have written. */
function numbersOf(head: string): number[] {
  const numbers = head.split(' ').map(Number);
  return numbers.every((each) => Number.isSafeInteger(each) && each >= 0) ? numbers : [];
}
