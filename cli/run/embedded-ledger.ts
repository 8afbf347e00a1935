import { EdgeLedger, type Gain } from '../../edge/ledger/edge-ledger.ts';
import { TrafficGains, type TrafficTotals } from '../../edge/ledger/traffic-gains.ts';
import type { DurableSink } from '../../processors/event-sink.ts';

const EVERY_MS = 5_000;
const MINUTE_MS = 60_000;

export interface EmbeddedLedgerParts {
  readonly store: Pick<DurableSink, 'addEntry' | 'ready'>;
  /** Of this run. */
  readonly origin: string;
  /** The servers that are watched, as far as known. */
  readonly servers: () => readonly string[];
  /** Of the capture since its start. */
  readonly totals: () => TrafficTotals;
}

/**
 * What a live run's capture took in and lost, by minute, in the store: so that coverage can put to a reason what a server ran and
 * nobody saw. Kept only for the one server that a run watches: of several, nobody could tell whose packets were lost.
 */
export class EmbeddedLedger {
  private readonly parts: EmbeddedLedgerParts;
  private readonly gains = new TrafficGains();
  private ledger: { serverId: string; entries: EdgeLedger } | null = null;
  private lastMs: number;

  constructor(parts: EmbeddedLedgerParts, nowMs: number) {
    this.parts = parts;
    this.lastMs = nowMs;
  }

  /** To be called some times a second. What a minute begins with is counted in the one before, for up to 5 s. */
  tick(nowMs: number): void {
    if (nowMs - this.lastMs >= EVERY_MS || Math.floor(nowMs / MINUTE_MS) !== Math.floor(this.lastMs / MINUTE_MS))
      this.account(nowMs);
  }

  /** The last of it. */
  end(nowMs: number): void {
    this.account(nowMs);
  }

  private account(nowMs: number): void {
    const { parts } = this;
    const minuteMs = Math.floor(this.lastMs / MINUTE_MS) * MINUTE_MS;
    const seconds = Math.max(0, Math.round((nowMs - this.lastMs) / 1000));
    this.lastMs = nowMs;
    const gains: Gain[] = [...this.gains.take(parts.totals()), { unit: 'seconds', passedOn: seconds, lost: {} }];
    const entries = this.entriesOf(parts.servers());
    if (entries === null) return;
    entries.gain(minuteMs, gains, nowMs);
    const waiting = parts.store.ready();
    if (waiting !== null) {
      // Who adds events hears of its failure.
      waiting.catch(() => {});
      return;
    }
    const changed = entries.changed();
    for (const entry of changed) parts.store.addEntry(entry);
    entries.published(changed, minuteMs);
  }

  private entriesOf(servers: readonly string[]): EdgeLedger | null {
    const [serverId] = servers;
    if (serverId === undefined || servers.length > 1) return null;
    if (this.ledger?.serverId !== serverId)
      this.ledger = { serverId, entries: new EdgeLedger(this.parts.origin, serverId, false) };
    return this.ledger.entries;
  }
}
