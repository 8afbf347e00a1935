// Hot path
import type { LedgerEntry, LedgerStage, LedgerUnit } from '../../schemas/ledger.ts';

const MINUTE_MS = 60_000;
/** How far behind the newest entry of its stage and unit an entry is surely still counted in. */
const FRESH_MS = 5 * MINUTE_MS;
/** So many times the bound, and fresh entries are forgotten too. */
const HARD_BOUND = 64;

/** An entry in the making. */
interface Slot {
  readonly key: string;
  readonly entry: LedgerEntry;
  isChanged: boolean;
  isGone: boolean;
}

/** What changed in the totals since they were last asked. */
export interface LedgerChanges {
  /** Copies, to be published and kept. */
  readonly entries: readonly LedgerEntry[];
  /** Ordinals that are kept no longer. */
  readonly removed: readonly number[];
}

/**
 * What one partition's stages took in, passed on and lost, by server, minute and unit.
 *
 * Entries are numbered in the order in which their first record came. At the bound the oldest one is forgotten when a new one is
 * made, but none with something open and none of its unit's last minutes, in which every server still counts: both follow from the records alone, so that a second run over the same records, from any
 * state that was kept, gives the same numbers and the same totals.
 */
export class LedgerTotals {
  /** The next entry's number. */
  nextOrdinal = 0;
  private readonly origin: string;
  private readonly bound: number;
  private readonly slots = new Map<string, Slot>();
  private changed: Slot[] = [];
  private removed: number[] = [];
  /** The newest minute of each stage and unit: their clocks differ, a file's events are older than its records. */
  private readonly newest = new Map<string, number>();

  /** @param origin As in LedgerEntry. @param bound Entries kept; more only where all are open or fresh, and then 64 times as many. */
  constructor(origin: string, bound = 1_024) {
    this.origin = origin;
    this.bound = bound;
  }

  get hasChanged(): boolean {
    return this.changed.length > 0;
  }

  /** Takes back an entry that was kept; in the order of their ordinals. */
  restore(entry: LedgerEntry): void {
    const key = keyOf(entry.stage, entry.unit, entry.serverId, entry.minuteMs);
    this.slots.set(key, { key, entry, isChanged: false, isGone: false });
    this.seen(entry);
    this.nextOrdinal = Math.max(this.nextOrdinal, entry.ordinal + 1);
  }

  /** @param version Of the entries: grows with every record that was counted. */
  takeChanges(version: number): LedgerChanges {
    const { changed, removed } = this;
    this.changed = [];
    this.removed = [];
    for (const slot of changed) slot.isChanged = false;
    const entries = changed.map(({ entry }) => {
      entry.version = version;
      return { ...entry, lost: { ...entry.lost }, impaired: { ...entry.impaired } };
    });
    return { entries, removed };
  }

  /** The entry to count in; found or made, and noted as changed. */
  slot(stage: LedgerStage, unit: LedgerUnit, serverId: string, minuteMs: number): Slot {
    const key = keyOf(stage, unit, serverId, minuteMs);
    let slot = this.slots.get(key);
    if (slot === undefined) {
      if (this.slots.size >= this.bound) this.forgetOldest();
      const entry: LedgerEntry = {
        stage,
        origin: this.origin,
        ordinal: this.nextOrdinal++,
        serverId,
        minuteMs,
        unit,
        takenIn: 0,
        passedOn: 0,
        open: 0,
        lost: {},
        impaired: {},
        version: 0,
      };
      slot = { key, entry, isChanged: false, isGone: false };
      this.slots.set(key, slot);
      this.seen(entry);
    }
    return slot;
  }

  note(slot: Slot): void {
    slot.isChanged = true;
    this.changed.push(slot);
  }

  private seen({ stage, unit, minuteMs }: LedgerEntry): void {
    const key = `${stage}|${unit}`;
    if (!(this.newest.get(key)! >= minuteMs)) this.newest.set(key, minuteMs);
  }

  private forgetOldest(): void {
    const isFull = this.slots.size >= this.bound * HARD_BOUND;
    for (const slot of this.slots.values()) {
      const { stage, unit, minuteMs, open } = slot.entry;
      if (open !== 0) continue;
      if (!isFull && minuteMs > this.newest.get(`${stage}|${unit}`)! - FRESH_MS) continue;
      this.slots.delete(slot.key);
      slot.isGone = true;
      this.removed.push(slot.entry.ordinal);
      return;
    }
  }
}

/** One stage's counter of one unit; remembers the entry used last, for events of one minute come together. */
export class LedgerCounter {
  private readonly totals: LedgerTotals;
  private readonly stage: LedgerStage;
  private readonly unit: LedgerUnit;
  private last: Slot | null = null;

  constructor(totals: LedgerTotals, stage: LedgerStage, unit: LedgerUnit) {
    this.totals = totals;
    this.stage = stage;
    this.unit = unit;
  }

  /** The entry of this server and time, for its numbers to be changed at once. */
  at(serverId: string, timeMs: number): LedgerEntry {
    let slot = this.last;
    const minuteMs = timeMs - (timeMs % MINUTE_MS);
    if (slot === null || slot.isGone || slot.entry.minuteMs !== minuteMs || slot.entry.serverId !== serverId) {
      slot = this.totals.slot(this.stage, this.unit, serverId, minuteMs);
      this.last = slot;
    }
    if (!slot.isChanged) this.totals.note(slot);
    return slot.entry;
  }
}

function keyOf(stage: LedgerStage, unit: LedgerUnit, serverId: string, minuteMs: number): string {
  return `${stage}|${unit}|${minuteMs}|${serverId}`;
}
