import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { type ChangelogValue, isNewer, readChangelogValue, writeChangelogValue } from './changelog-value.ts';

/** Key of the record that says how far the partition is. */
const POSITION_KEY = 'position';

/** What was kept of one partition. */
export interface Kept {
  /** This owner's, greater than any before. */
  readonly epoch: number;
  /** Where to go on; null where nothing was kept. */
  readonly position: number | null;
  /** Texts by key; without POSITION_KEY and without what was closed. */
  readonly texts: ReadonlyMap<string, string>;
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** Text of the position record. */
  readonly head: string;
  /** Keys whose values are none of a changelog. */
  readonly unreadable: readonly string[];
}

/** What is kept of a partition after a cycle, in one atomic batch. */
export interface Cycle {
  readonly position: number;
  readonly head: string;
  /** New texts by key; null: closed. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** Records of long texts, written before the batch; keys are unique for ever. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** Keys deleted with the batch: closed in an earlier cycle, and blobs that no text names any more since then. */
  readonly deleted: readonly string[];
}

/**
 * The state of one partition of a source topic, as records of a compacted topic (docs/adr/0008). Keys begin with the source
 * topic's name, so that several sources can share it.
 */
export class Changelog {
  private readonly bus: Bus;
  private readonly topic: string;
  private readonly partition: number;
  private readonly prefix: string;
  private epoch = 0;

  /** @param topic The state topic. @param source The topic whose partition of the same number this is about. */
  constructor(bus: Bus, topic: string, source: string, partition: number) {
    this.bus = bus;
    this.topic = topic;
    this.partition = partition;
    this.prefix = `${source}|`;
  }

  /** Reads everything that is kept and claims the partition: from now on late writes of an earlier owner count no more. */
  async restore(): Promise<Kept> {
    const values = new Map<string, ChangelogValue>();
    const blobs = new Map<string, Buffer>();
    const unreadable = new Set<string>();
    let epoch = 0;
    for await (const records of this.bus.read(this.topic, this.partition)) {
      for (const { key, value } of records) {
        if (key === null || !key.startsWith(this.prefix)) continue;
        const name = key.slice(this.prefix.length);
        if (value === null) {
          values.delete(name);
          blobs.delete(name);
        } else if (name.startsWith(BLOB_PREFIX)) blobs.set(name.slice(BLOB_PREFIX.length), value);
        else {
          const read = readChangelogValue(value);
          if (read === null) {
            unreadable.add(name);
            continue;
          }
          epoch = Math.max(epoch, read.epoch);
          const known = values.get(name);
          if (known === undefined || isNewer(read, known)) values.set(name, read);
        }
      }
    }
    this.epoch = epoch + 1;
    const last = values.get(POSITION_KEY);
    values.delete(POSITION_KEY);
    const texts = new Map<string, string>();
    for (const [name, { text }] of values) if (text !== null) texts.set(name, text);
    if (last !== undefined) await this.send([this.record(POSITION_KEY, last.position, last.text ?? '')]);
    return {
      epoch: this.epoch,
      position: last?.position ?? null,
      texts,
      blobs,
      head: last?.text ?? '',
      unreadable: [...unreadable],
    };
  }

  /** Done when the cycle is kept, all of it or nothing. */
  async write(cycle: Cycle): Promise<void> {
    const { position, head, texts, blobs, deleted } = cycle;
    for (const [name, bytes] of blobs) await this.send([this.outgoing(BLOB_PREFIX + name, bytes)]);
    const records = deleted.filter((name) => texts.get(name) === undefined).map((name) => this.outgoing(name, null));
    for (const [name, text] of texts) records.push(this.record(name, position, text));
    records.push(this.record(POSITION_KEY, position, head));
    try {
      await this.send(records);
    } catch (error) {
      if (!(error instanceof SqltrailError) || error.code !== 'record_too_large') throw error;
      // More than one batch of the topic holds. In pieces, the position last: a crash between them repeats outputs, which
      // are recognised, and may leave some of the ledger's counts too low.
      for (const record of records) await this.send([record]);
    }
  }

  private record(name: string, position: number, text: string | null): OutgoingRecord {
    return this.outgoing(name, writeChangelogValue({ epoch: this.epoch, position, text }));
  }

  private outgoing(name: string, value: Buffer | null): OutgoingRecord {
    return { partition: this.partition, key: this.prefix + name, value };
  }

  private async send(records: readonly OutgoingRecord[]): Promise<void> {
    await this.bus.send(this.topic, records);
  }
}

/** Keys of blob records in `Cycle.deleted` begin with this; those of `Cycle.blobs` and `Kept.blobs` go without. */
export const BLOB_PREFIX = 'blob/';
