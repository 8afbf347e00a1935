import { z } from 'zod';
import { type Alert, alertSchema } from '../../schemas/alert.ts';
import type { LedgerReason } from '../../schemas/ledger.ts';
import { parseIsoTime } from '../../schemas/parse-iso-time.ts';
import { parsedJson } from '../../schemas/parsed-json.ts';
import type { LedgerCounter } from '../service/ledger-totals.ts';
import type { SinkGate } from './sink-gate.ts';
import { SinkSummary } from './sink-summary.ts';

export const ALERT_PREFIX = 'alert/';
export const SUMMARY_PREFIX = 'summary/';

/** An alert that a sink is to get. */
export interface Delivery {
  readonly sink: string;
  readonly alert: Alert;
}

interface Owed {
  readonly alert: Alert;
  /** Sinks that have not got it. */
  readonly sinks: Set<string>;
}

const owedSchema = z.object({ alert: alertSchema, sinks: z.array(z.string()) });

/** Which sinks are owed which alerts of one partition, and what each was not sent. Counts them in the ledger. Pure. */
export class DeliveryBook {
  private readonly gates: ReadonlyMap<string, SinkGate>;
  private readonly counter: LedgerCounter;
  private readonly owed = new Map<string, Owed>();
  private readonly summaries = new Map<string, SinkSummary>();
  private readonly changed = new Set<string>();
  private made: Delivery[] = [];
  private isHurried = false;

  /** @param gates By the sinks' names. @param counter Of the unit `alerts`: each alert once for each sink. */
  constructor(gates: ReadonlyMap<string, SinkGate>, counter: LedgerCounter) {
    this.gates = gates;
    this.counter = counter;
  }

  /** Alerts that at least one sink is owed. */
  get size(): number {
    return this.owed.size;
  }

  get hasChanged(): boolean {
    return this.changed.size > 0;
  }

  /** Whether there is something for `takeMade`. */
  get hasMade(): boolean {
    return this.made.length > 0;
  }

  /** A new alert, for every sink that wants it. */
  route(alert: Alert, nowMs: number): void {
    // The same step of the same findings, told before and not yet everywhere.
    if (this.owed.has(alert.alert_id)) return;
    for (const gate of this.gates.values()) {
      if (!gate.accepts(alert)) continue;
      const unsent = gate.admit(nowMs);
      this.entry(alert).takenIn++;
      if (unsent === null) this.owe(alert, gate.name);
      else {
        this.lost(alert, unsent);
        const summary = this.summaries.get(gate.name) ?? SinkSummary.begin(nowMs);
        summary.add(alert, unsent);
        this.summaries.set(gate.name, summary);
        this.changed.add(SUMMARY_PREFIX + gate.name);
      }
    }
  }

  /** Makes alerts of the summaries whose time has come. */
  summarize(nowMs: number): void {
    for (const [sink, summary] of this.summaries) {
      const gate = this.gates.get(sink)!;
      if ((nowMs < summary.dueMs && !this.isHurried) || !gate.hasRoom) continue;
      const alert = summary.alert(sink, nowMs);
      this.summaries.delete(sink);
      this.changed.add(SUMMARY_PREFIX + sink);
      gate.reserve();
      this.entry(alert).takenIn++;
      this.owe(alert, sink);
    }
  }

  /** Summaries wait for the end of their minute no longer. */
  hurry(): void {
    this.isHurried = true;
  }

  /** A sink has got an alert, or refused it for good. */
  done({ alert, sink }: Delivery, outcome: 'delivered' | 'rejected'): void {
    const owed = this.owed.get(alert.alert_id);
    if (!owed?.sinks.delete(sink)) return;
    this.gates.get(sink)?.giveBack();
    const entry = this.entry(alert);
    entry.open--;
    if (outcome === 'delivered') entry.passedOn++;
    else this.lost(alert, 'rejected');
    if (owed.sinks.size === 0) this.owed.delete(alert.alert_id);
    this.changed.add(ALERT_PREFIX + alert.alert_id);
  }

  /** What was made since the last call; to be sent once it is kept. */
  takeMade(): Delivery[] {
    const { made } = this;
    this.made = [];
    return made;
  }

  /** Texts of what changed since the last call, by key; null: there is none any more. */
  takeChanged(): Map<string, string | null> {
    const texts = new Map<string, string | null>();
    for (const key of this.changed) texts.set(key, this.text(key));
    this.changed.clear();
    return texts;
  }

  /** @returns False where the text is none of an alert. */
  restoreAlert(text: string): boolean {
    const parsed = owedSchema.safeParse(parsedJson(text));
    if (!parsed.success) return false;
    const { alert, sinks } = parsed.data;
    this.owed.set(alert.alert_id, { alert, sinks: new Set(sinks) });
    for (const sink of sinks) {
      const gate = this.gates.get(sink);
      // A sink that is configured no longer gets nothing.
      if (gate === undefined) this.done({ alert, sink }, 'rejected');
      else {
        gate.reserve();
        this.made.push({ sink, alert });
      }
    }
    return true;
  }

  /** @returns False where the text is none of a summary. One for a sink that is configured no longer is dropped: it is counted. */
  restoreSummary(sink: string, text: string): boolean {
    const summary = SinkSummary.restore(text);
    if (summary === null) return false;
    if (this.gates.has(sink)) this.summaries.set(sink, summary);
    else this.changed.add(SUMMARY_PREFIX + sink);
    return true;
  }

  /** Gives back every place: the partition is another's. */
  abandon(): void {
    for (const { sinks } of this.owed.values()) for (const sink of sinks) this.gates.get(sink)?.giveBack();
    this.owed.clear();
  }

  private owe(alert: Alert, sink: string): void {
    const owed = this.owed.get(alert.alert_id) ?? { alert, sinks: new Set() };
    owed.sinks.add(sink);
    this.owed.set(alert.alert_id, owed);
    this.entry(alert).open++;
    this.changed.add(ALERT_PREFIX + alert.alert_id);
    this.made.push({ sink, alert });
  }

  private lost(alert: Alert, reason: LedgerReason): void {
    const { lost } = this.entry(alert);
    lost[reason] = (lost[reason] ?? 0) + 1;
  }

  private entry(alert: Alert) {
    return this.counter.at(alert.server_id, Math.floor((parseIsoTime(alert.time) ?? 0) / 1000));
  }

  private text(key: string): string | null {
    if (key.startsWith(SUMMARY_PREFIX)) return this.summaries.get(key.slice(SUMMARY_PREFIX.length))?.export() ?? null;
    const owed = this.owed.get(key.slice(ALERT_PREFIX.length));
    return owed === undefined ? null : JSON.stringify({ alert: owed.alert, sinks: [...owed.sinks] });
  }
}
