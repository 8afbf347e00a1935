import type { BusRecord } from '../../bus/bus.ts';
import { BLOB_PREFIX, POSITION_KEY } from './changelog-keys.ts';
import { type ChangelogValue, readChangelogValue } from './changelog-value.ts';

/** What one owner wrote. */
export interface EpochImage {
  /** Number and random name, as in its keys. */
  readonly id: string;
  readonly number: number;
  readonly values: Map<string, ChangelogValue>;
  readonly blobs: Map<string, Buffer>;
  /** Keys whose values are none. */
  readonly unreadable: Set<string>;
}

/** `SOURCE|EPOCH.NAME|KEY`, without its source. */
const KEY = /^((\d{1,15})\.[0-9a-f]{8})\|(.+)$/;

/** What a changelog says, owner by owner: each has keys of its own, which no other ever writes. */
export class ChangelogImage {
  private readonly epochs = new Map<string, EpochImage>();
  private readonly prefix: string;
  private greatest = 0;

  /** @param prefix Of the keys that belong to this changelog. */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** Greater than that of any owner so far. */
  get nextEpoch(): number {
    return this.greatest + 1;
  }

  /** Takes the next record; those of others and those without an owner are left out. */
  apply({ key, value }: BusRecord): void {
    if (key === null || !key.startsWith(this.prefix)) return;
    const match = KEY.exec(key.slice(this.prefix.length));
    if (match === null) return;
    const epoch = this.epoch(match[1]!, Number(match[2]));
    const name = match[3]!;
    epoch.unreadable.delete(name);
    if (name.startsWith(BLOB_PREFIX)) {
      if (value === null) epoch.blobs.delete(name.slice(BLOB_PREFIX.length));
      else epoch.blobs.set(name.slice(BLOB_PREFIX.length), value);
      return;
    }
    const read = value === null ? null : readChangelogValue(value);
    if (read === null) epoch.values.delete(name);
    else epoch.values.set(name, read);
    if (read === null && value !== null) epoch.unreadable.add(name);
  }

  /**
   * The owner whose state counts: of those that have said how far they are, and so had written all they knew before, the
   * last; of two that followed the same one, the one that got further. Null where there was none.
   */
  head(): EpochImage | null {
    let head: EpochImage | null = null;
    for (const epoch of this.epochs.values()) {
      const position = epoch.values.get(POSITION_KEY)?.position;
      if (position === undefined) continue;
      const best = head?.values.get(POSITION_KEY)?.position ?? -1;
      if (head === null || epoch.number > head.number || (epoch.number === head.number && position > best))
        head = epoch;
    }
    return head;
  }

  /** The whole keys of everything there is. */
  keys(): string[] {
    const keys: string[] = [];
    for (const { id, values, blobs, unreadable } of this.epochs.values()) {
      for (const name of [...values.keys(), ...unreadable]) keys.push(`${this.prefix}${id}|${name}`);
      for (const name of blobs.keys()) keys.push(`${this.prefix}${id}|${BLOB_PREFIX}${name}`);
    }
    return keys;
  }

  private epoch(id: string, number: number): EpochImage {
    let epoch = this.epochs.get(id);
    if (epoch === undefined) {
      epoch = { id, number, values: new Map(), blobs: new Map(), unreadable: new Set() };
      this.epochs.set(id, epoch);
      this.greatest = Math.max(this.greatest, number);
    }
    return epoch;
  }
}
