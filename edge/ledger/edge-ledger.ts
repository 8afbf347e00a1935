import type { LedgerEntry, LedgerReason, LedgerUnit } from '../../schemas/ledger.ts';

/** From this many entries on, minutes are counted together by hour: days without Kafka, as what is published is forgotten. */
const MANY_ENTRIES = 16_384;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** An entry that is published and complete is kept so long, in minutes of capture, as more may come to it. */
const KEPT_MINUTES = 3;

/** What one unit gained in one minute. */
export interface Gain {
  readonly unit: LedgerUnit;
  readonly passedOn: number;
  readonly lost: Partial<Record<LedgerReason, number>>;
}

interface Kept {
  readonly entry: LedgerEntry;
  /** Version that was acknowledged last. */
  published: number;
}

/**
 * What an edge took in, passed on and lost, minute by minute; takenIn = passedOn + open + all of lost in every entry, always.
 * Pure: the caller publishes what changed, and says when that is acknowledged. An entry that is published, complete and past is
 * forgotten; what comes to its minute later makes a new entry beside it.
 */
export class EdgeLedger {
  private readonly origin: string;
  private readonly serverId: string;
  private readonly keepsAll: boolean;
  private readonly kept = new Map<string, Kept>();
  private nextOrdinal = 0;

  /**
   * @param keepsAll Nothing is forgotten: reading the same files again then makes the same entries with the same ordinals.
   */
  constructor(origin: string, serverId: string, keepsAll: boolean) {
    this.origin = origin;
    this.serverId = serverId;
    this.keepsAll = keepsAll;
  }

  get size(): number {
    return this.kept.size;
  }

  /** Entries of an earlier run, as its state had them: they are published again and take what its spool still brings. */
  restore(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) {
      this.kept.set(keyOf(entry.origin, entry.minuteMs, entry.unit), { entry: { ...entry }, published: -1 });
    }
  }

  /** The minute in which something is counted that happened at this time: its own, or its hour where there are too many. */
  minuteOf(timeMs: number): number {
    return timeMs - (timeMs % (this.kept.size >= MANY_ENTRIES ? HOUR_MS : MINUTE_MS));
  }

  /** @param nowMs Makes the version: it grows, over restarts too. */
  gain(minuteMs: number, gains: readonly Gain[], nowMs: number): void {
    for (const { unit, passedOn, lost } of gains) {
      let sum = passedOn;
      for (const amount of Object.values(lost)) sum += amount;
      if (sum === 0) continue;
      const entry = this.change(this.origin, minuteMs, unit, nowMs);
      entry.takenIn += sum;
      entry.passedOn += passedOn;
      for (const reason of Object.keys(lost) as LedgerReason[]) addLost(entry, reason, lost[reason] ?? 0);
    }
  }

  /** Messages were packed; they are open until `acked` or `lost`. */
  sealed(minuteMs: number, messages: number, nowMs: number): void {
    const entry = this.change(this.origin, minuteMs, 'messages', nowMs);
    entry.takenIn += messages;
    entry.open += messages;
  }

  /** Messages of this or an earlier run arrived. Those of a run of which nothing is known change nothing. */
  acked(origin: string, minuteMs: number, messages: number, nowMs: number): void {
    const entry = this.openEntry(origin, minuteMs, nowMs);
    if (entry === null) return;
    const counted = Math.min(messages, entry.open);
    entry.open -= counted;
    entry.passedOn += counted;
  }

  lost(origin: string, minuteMs: number, messages: number, reason: LedgerReason, nowMs: number): void {
    const entry = this.openEntry(origin, minuteMs, nowMs);
    if (entry === null) return;
    const counted = Math.min(messages, entry.open);
    entry.open -= counted;
    addLost(entry, reason, counted);
  }

  /** Entries that changed since their version was acknowledged: copies, as they are now. */
  changed(): LedgerEntry[] {
    const entries: LedgerEntry[] = [];
    for (const { entry, published } of this.kept.values()) if (entry.version > published) entries.push(copyOf(entry));
    return entries;
  }

  /** These were acknowledged as they were given. @param minuteMs The minute of the capture now. */
  published(entries: readonly LedgerEntry[], minuteMs: number): void {
    for (const { origin, minuteMs: ofMinute, unit, version } of entries) {
      const kept = this.kept.get(keyOf(origin, ofMinute, unit));
      if (kept !== undefined) kept.published = Math.max(kept.published, version);
    }
    if (this.keepsAll) return;
    for (const [key, { entry, published }] of this.kept) {
      const isPast = Math.abs(minuteMs - entry.minuteMs) > KEPT_MINUTES * MINUTE_MS || entry.origin !== this.origin;
      if (entry.version <= published && entry.open === 0 && isPast) this.kept.delete(key);
    }
  }

  /** All that is kept, for the state file. */
  entries(): LedgerEntry[] {
    return [...this.kept.values()].map(({ entry }) => entry);
  }

  private openEntry(origin: string, minuteMs: number, nowMs: number): LedgerEntry | null {
    const kept = this.kept.get(keyOf(origin, minuteMs, 'messages'));
    if (kept === undefined) return null;
    kept.entry.version = Math.max(kept.entry.version + 1, nowMs);
    return kept.entry;
  }

  private change(origin: string, minuteMs: number, unit: LedgerUnit, nowMs: number): LedgerEntry {
    const key = keyOf(origin, minuteMs, unit);
    let kept = this.kept.get(key);
    if (kept === undefined) {
      const entry: LedgerEntry = {
        stage: 'edge',
        origin,
        ordinal: this.nextOrdinal++,
        serverId: this.serverId,
        minuteMs,
        unit,
        takenIn: 0,
        passedOn: 0,
        open: 0,
        lost: {},
        impaired: {},
        version: 0,
      };
      kept = { entry, published: -1 };
      this.kept.set(key, kept);
    }
    kept.entry.version = Math.max(kept.entry.version + 1, nowMs);
    return kept.entry;
  }
}

function keyOf(origin: string, minuteMs: number, unit: LedgerUnit): string {
  return `${unit} ${minuteMs} ${origin}`;
}

function addLost(entry: LedgerEntry, reason: LedgerReason, amount: number): void {
  if (amount > 0) entry.lost[reason] = (entry.lost[reason] ?? 0) + amount;
}

function copyOf(entry: LedgerEntry): LedgerEntry {
  return { ...entry, lost: { ...entry.lost }, impaired: { ...entry.impaired } };
}
