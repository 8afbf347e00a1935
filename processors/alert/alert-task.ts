import type { BusRecord } from '../../bus/bus.ts';
import type { DeadLetter } from '../../schemas/dead-letter.ts';
import type { Severity } from '../../schemas/finding.ts';
import { readFindingRecord } from '../../schemas/finding-record.ts';
import { LedgerCounter, LedgerTotals } from '../service/ledger-totals.ts';
import type { AlertRules } from './alert-rules.ts';
import { DeliveryBook } from './delivery-book.ts';
import { FindingBook } from './finding-book.ts';
import type { SinkGate } from './sink-gate.ts';

/** One partition in work: its findings, what is owed to the sinks, and the account of both. Pure: time is an argument. */
export class AlertTask {
  readonly topic: string;
  readonly partition: number;
  readonly findings: FindingBook;
  readonly deliveries: DeliveryBook;
  readonly totals: LedgerTotals;
  /** Offset behind the last record that was handled; null before the first. */
  position: number | null = null;
  /** When that record was kept. */
  lastTimeMs = 0;
  /** How old the last record was when it was handled. */
  delayMs = 0;
  private readonly madeBySeverity: Map<Severity, number>;
  private readonly records: LedgerCounter;
  private letters: DeadLetter[] = [];

  /** @param madeBySeverity Counts the alerts that are made. */
  constructor(
    topic: string,
    partition: number,
    rules: AlertRules,
    gates: ReadonlyMap<string, SinkGate>,
    madeBySeverity: Map<Severity, number>,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.madeBySeverity = madeBySeverity;
    this.totals = new LedgerTotals(`${topic}/${partition}`);
    this.records = new LedgerCounter(this.totals, 'alert', 'records');
    this.findings = new FindingBook(rules);
    this.deliveries = new DeliveryBook(gates, new LedgerCounter(this.totals, 'alert', 'alerts'));
  }

  /** Takes one record. Those below the position have been handled, unless they are newer: then the topic was made anew. */
  handle(record: BusRecord, nowMs: number): void {
    const { position } = this;
    if (position !== null && record.offset < position && record.timeMs <= this.lastTimeMs) return;
    if (position !== null && record.offset > position) {
      const expired = this.records.at('', record.timeMs);
      expired.takenIn += record.offset - position;
      expired.lost.expired = (expired.lost.expired ?? 0) + record.offset - position;
    }
    const finding = record.value === null ? null : readFindingRecord(record.value);
    const counted = this.records.at(finding?.server_id ?? '', record.timeMs);
    counted.takenIn++;
    if (finding === null) {
      counted.lost.dead_letter = (counted.lost.dead_letter ?? 0) + 1;
      this.deadLetter(record, nowMs);
    } else {
      counted.passedOn++;
      this.findings.take(finding, nowMs);
    }
    this.position = record.offset + 1;
    this.lastTimeMs = record.timeMs;
    this.delayMs = nowMs - record.timeMs;
  }

  /** Makes the alerts whose time has come. @returns Whether there is something to send. */
  tick(nowMs: number): boolean {
    for (const alert of this.findings.due(nowMs)) {
      this.madeBySeverity.set(alert.severity, (this.madeBySeverity.get(alert.severity) ?? 0) + 1);
      this.deliveries.route(alert, nowMs);
    }
    this.deliveries.summarize(nowMs);
    return this.deliveries.hasMade;
  }

  takeLetters(): DeadLetter[] {
    const { letters } = this;
    this.letters = [];
    return letters;
  }

  /** Records of the state that cannot be read. */
  stateLost(count: number, nowMs: number): void {
    const entry = this.records.at('', nowMs);
    entry.takenIn += count;
    entry.lost.state_lost = (entry.lost.state_lost ?? 0) + count;
  }

  private deadLetter(record: BusRecord, nowMs: number): void {
    this.letters.push({
      timeMs: nowMs,
      stage: 'alert',
      reason: 'garbage',
      errorCode: 'garbage',
      topic: record.topic,
      partition: record.partition,
      offset: record.offset,
      line: null,
      bytes: record.value?.length ?? 0,
    });
  }
}
