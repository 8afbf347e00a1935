import { randomBytes } from 'node:crypto';
import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { ChangelogImage, type EpochImage } from './changelog-image.ts';
import { BLOB_PREFIX, POSITION_KEY } from './changelog-keys.ts';
import { writeChangelogValue } from './changelog-value.ts';

/** Of what is not written as one batch, at most so much goes into one request. */
const REQUEST_BYTES = 512 * 1024;

/** What was kept of one partition. */
export interface Kept {
  /** This owner's, greater than any before. */
  readonly epoch: number;
  /** Where to go on; null where nothing was kept. */
  readonly position: number | null;
  /** Text of the position record. */
  readonly head: string;
  /** Texts by key, without the position. */
  readonly texts: ReadonlyMap<string, string>;
  /** By key, without its prefix. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** Keys whose values are none of a changelog. */
  readonly unreadable: readonly string[];
}

/** What is kept of a partition after a cycle, in one atomic batch. */
export interface Cycle {
  readonly position: number;
  readonly head: string;
  /** New texts by key; null: there is none any more. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** Records of long texts, written before the batch; their keys, without prefix, are unique for ever. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** Keys deleted with the batch: blobs that no text names any more, and what could not be read. One that `texts` has stays. */
  readonly deleted: readonly string[];
}

/**
 * The state of one partition of a source topic, as records of a compacted topic (docs/adr/0008). Keys begin with the source
 * topic's name, so that several sources can share it, and with the owner's epoch: nothing that a process writes which has lost
 * the partition, deletions included, touches what its successor wrote or read.
 */
export class Changelog {
  private readonly bus: Bus;
  private readonly topic: string;
  private readonly partition: number;
  private readonly prefix: string;
  private epoch = 0;
  private ownPrefix = '';
  /** Whole keys of earlier owners: deleted behind the first cycle. */
  private outdated: string[] = [];

  /** @param topic The state topic. @param source The topic whose partition of the same number this is about. */
  constructor(bus: Bus, topic: string, source: string, partition: number) {
    this.bus = bus;
    this.topic = topic;
    this.partition = partition;
    this.prefix = `${source}|`;
  }

  /** Reads what was kept and makes it this owner's. A crash on the way leaves the earlier owner's as it was. */
  async restore(): Promise<Kept> {
    const image = new ChangelogImage(this.prefix);
    for await (const records of this.bus.read(this.topic, this.partition)) {
      for (const record of records) image.apply(record);
    }
    this.epoch = image.nextEpoch;
    this.ownPrefix = `${this.prefix}${this.epoch}.${randomBytes(4).toString('hex')}|`;
    this.outdated = image.keys();
    const head = image.head();
    const texts = new Map<string, string>();
    for (const [name, { text }] of head?.values ?? []) if (name !== POSITION_KEY) texts.set(name, text);
    if (head !== null) await this.take(head);
    const last = head?.values.get(POSITION_KEY);
    return {
      epoch: this.epoch,
      position: last?.position ?? null,
      head: last?.text ?? '',
      texts,
      blobs: head?.blobs ?? new Map(),
      unreadable: [...(head?.unreadable ?? [])],
    };
  }

  /** Done when the cycle is kept, all of it or nothing. */
  async write({ position, head, texts, blobs, deleted }: Cycle): Promise<void> {
    await this.sendInPieces([...blobs].map(([name, bytes]) => this.own(BLOB_PREFIX + name, bytes)));
    const records = [...texts].map(([name, text]) => this.record(name, position, text));
    records.push(this.record(POSITION_KEY, position, head));
    const deletions = deleted.filter((name) => !texts.has(name)).map((name) => this.own(name, null));
    try {
      await this.bus.send(this.topic, [...records, ...deletions]);
    } catch (error) {
      if (!(error instanceof SqltrailError) || error.code !== 'record_too_large') throw error;
      // More than one batch of the topic holds. In pieces, the position last: a crash between them repeats outputs, which
      // are recognised, and may leave some of the ledger's counts too low.
      await this.sendInPieces([...records, ...deletions]);
    }
    if (this.outdated.length === 0) return;
    await this.sendInPieces(this.outdated.map((key) => this.outgoing(key, null)));
    this.outdated = [];
  }

  /** Copies an earlier owner's state, the position last: with it, the copy is what counts. */
  private async take({ values, blobs }: EpochImage): Promise<void> {
    const records = [...blobs].map(([name, bytes]) => this.own(BLOB_PREFIX + name, bytes));
    for (const [name, { position, text }] of values) {
      if (name !== POSITION_KEY) records.push(this.record(name, position, text));
    }
    await this.sendInPieces(records);
    const { position, text } = values.get(POSITION_KEY)!;
    await this.bus.send(this.topic, [this.record(POSITION_KEY, position, text)]);
  }

  private async sendInPieces(records: readonly OutgoingRecord[]): Promise<void> {
    let piece: OutgoingRecord[] = [];
    let bytes = 0;
    for (const record of records) {
      const size = (record.key?.length ?? 0) + (record.value?.length ?? 0);
      if (piece.length > 0 && bytes + size > REQUEST_BYTES) {
        await this.bus.send(this.topic, piece);
        piece = [];
        bytes = 0;
      }
      piece.push(record);
      bytes += size;
    }
    if (piece.length > 0) await this.bus.send(this.topic, piece);
  }

  private record(name: string, position: number, text: string | null): OutgoingRecord {
    return this.own(name, text === null ? null : writeChangelogValue({ epoch: this.epoch, position, text }));
  }

  private own(name: string, value: Buffer | null): OutgoingRecord {
    return this.outgoing(this.ownPrefix + name, value);
  }

  private outgoing(key: string, value: Buffer | null): OutgoingRecord {
    return { partition: this.partition, key, value };
  }
}
