import { randomUUID } from 'node:crypto';
import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { ChangelogImage } from './changelog-image.ts';
import { BLOB_PREFIX, CLAIM_PREFIX, POSITION_KEY } from './changelog-keys.ts';
import { writeChangelogValue } from './changelog-value.ts';

/** Claims that are kept: a process that lost the partition so many owners ago writes no more. */
const CLAIMS_KEPT = 64;

/** What was kept of one partition. */
export interface Kept {
  /** This owner's, greater than any before. */
  readonly epoch: number;
  /** Where to go on; null where nothing was kept. */
  readonly position: number | null;
  /** Text of the position record. */
  readonly head: string;
  /** Texts by key; without the position, claims, and what was closed. */
  readonly texts: ReadonlyMap<string, string>;
  /** By key, without its prefix. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** Keys that were closed and are still there. */
  readonly closed: readonly string[];
  /** Keys whose values are none of a changelog. */
  readonly unreadable: readonly string[];
}

/** What is kept of a partition after a cycle, in one atomic batch. */
export interface Cycle {
  readonly position: number;
  readonly head: string;
  /** New texts by key; null: closed. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** Records of long texts, written before the batch; their keys, without prefix, are unique for ever. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** Keys deleted with the batch: what was closed in an earlier cycle, and blobs that no text names any more since then. */
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

  /** Claims the partition and reads everything that was kept until then. */
  async restore(): Promise<Kept> {
    const image = new ChangelogImage(this.prefix);
    await this.readInto(image);
    const name = randomUUID();
    do {
      this.epoch = image.epoch + 1;
      const outdated = this.epoch > CLAIMS_KEPT ? [this.outgoing(claimKey(this.epoch - CLAIMS_KEPT), null)] : [];
      await this.send([...outdated, this.record(claimKey(this.epoch), 0, name)]);
      // What came between the reading and the claim still counts; another's claim may be among it.
      await this.readInto(image);
    } while (image.claim !== name);
    const last = image.values.get(POSITION_KEY);
    const texts = new Map<string, string>();
    const closed: string[] = [];
    for (const [key, { text }] of image.values) {
      if (text === null) closed.push(key);
      else if (key !== POSITION_KEY) texts.set(key, text);
    }
    return {
      epoch: this.epoch,
      position: last?.position ?? null,
      head: last?.text ?? '',
      texts,
      blobs: image.blobs,
      closed,
      unreadable: [...image.unreadable],
    };
  }

  /** Done when the cycle is kept, all of it or nothing. */
  async write({ position, head, texts, blobs, deleted }: Cycle): Promise<void> {
    for (const [name, bytes] of blobs) await this.send([this.outgoing(BLOB_PREFIX + name, bytes)]);
    const records = deleted.filter((name) => !texts.has(name)).map((name) => this.outgoing(name, null));
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

  private async readInto(image: ChangelogImage): Promise<void> {
    for await (const records of this.bus.read(this.topic, this.partition, image.nextOffset)) {
      for (const record of records) image.apply(record);
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

function claimKey(epoch: number): string {
  return CLAIM_PREFIX + epoch;
}
