import type { BusRecord } from '../../bus/bus.ts';
import { BLOB_PREFIX, CLAIM_PREFIX } from './changelog-keys.ts';
import { type ChangelogValue, readChangelogValue } from './changelog-value.ts';

/**
 * What a changelog says, read in the order in which it was written. Once an owner has claimed the partition, whatever an
 * earlier one still writes behind that claim does not count.
 */
export class ChangelogImage {
  readonly values = new Map<string, ChangelogValue>();
  readonly blobs = new Map<string, Buffer>();
  /** Keys whose values are none. */
  readonly unreadable = new Set<string>();
  /** The last owner's; 0 where there was none. */
  epoch = 0;
  /** The text of the claim that counts. */
  claim = '';
  /** Behind the last record that was read. */
  nextOffset = 0;
  private readonly prefix: string;

  /** @param prefix Of the keys that belong to this changelog. */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  apply({ key, value, offset }: BusRecord): void {
    this.nextOffset = offset + 1;
    if (key === null || !key.startsWith(this.prefix)) return;
    const name = key.slice(this.prefix.length);
    if (value === null) {
      this.values.delete(name);
      this.blobs.delete(name.slice(BLOB_PREFIX.length));
    } else if (name.startsWith(BLOB_PREFIX)) this.blobs.set(name.slice(BLOB_PREFIX.length), value);
    else this.applyValue(name, readChangelogValue(value));
  }

  private applyValue(name: string, value: ChangelogValue | null): void {
    if (value === null) this.unreadable.add(name);
    else if (name.startsWith(CLAIM_PREFIX)) {
      // Of two that claim the same epoch the first one has it.
      if (value.epoch <= this.epoch) return;
      this.epoch = value.epoch;
      this.claim = value.text ?? '';
    } else if (value.epoch >= this.epoch) this.values.set(name, value);
  }
}
