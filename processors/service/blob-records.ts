import type { BlobKeeper } from '../stage.ts';

/** Longest record of a blob: ordinary topics take it, whatever else is in the request. */
const BLOB_CHUNK_BYTES = 512 * 1024;
/** Numbers of one epoch; beyond it they would be another's. */
const NUMBERS_PER_EPOCH = 2 ** 32;

/**
 * The long parts of connection states, which are records of their own: written once, before the first state that names them,
 * and deleted after the last one that does. Their numbers are unique in their partition, for they begin with the epoch.
 */
export class BlobRecords {
  private next: number;
  private readonly numbers = new WeakMap<object, number>();
  /** What the state of each connection named when it was written last, and how many chunks each has. */
  private readonly named = new Map<string, Set<number>>();
  private readonly chunks = new Map<number, number>();
  private written = new Map<string, Buffer>();
  private deleted: string[] = [];

  constructor(epoch: number) {
    this.next = epoch * NUMBERS_PER_EPOCH;
  }

  /** What is kept belongs to this connection. */
  found(connection: string, blob: number, chunks: number): void {
    this.chunks.set(blob, chunks);
    this.namesOf(connection).add(blob);
  }

  /** What is kept belongs to no connection: it is deleted with the next records. */
  orphan(blob: number, chunks: number): void {
    this.chunks.set(blob, chunks);
    this.forget(blob);
  }

  /** Runs the writing of one connection's state. */
  state(connection: string, write: (blobs: BlobKeeper) => string | null): string | null {
    const before = this.named.get(connection);
    const now = new Set<number>();
    const text = write({
      keep: (owner, bytes) => {
        const blob = this.numbers.get(owner) ?? this.add(owner, bytes());
        now.add(blob);
        return blob;
      },
    });
    if (before !== undefined) for (const blob of before) if (!now.has(blob)) this.forget(blob);
    if (now.size === 0) this.named.delete(connection);
    else this.named.set(connection, now);
    return text;
  }

  /** Records to write before the states that were written since the last call, and keys to delete after them. */
  take(): { written: ReadonlyMap<string, Buffer>; deleted: readonly string[] } {
    const { written, deleted } = this;
    this.written = new Map();
    this.deleted = [];
    return { written, deleted };
  }

  private add(owner: object, bytes: Buffer): number {
    const blob = this.next++;
    const chunks = Math.max(1, Math.ceil(bytes.length / BLOB_CHUNK_BYTES));
    this.numbers.set(owner, blob);
    this.chunks.set(blob, chunks);
    for (let i = 0; i < chunks; i++)
      this.written.set(chunkKey(blob, i, chunks), bytes.subarray(i * BLOB_CHUNK_BYTES, (i + 1) * BLOB_CHUNK_BYTES));
    return blob;
  }

  private forget(blob: number): void {
    const chunks = this.chunks.get(blob) ?? 0;
    this.chunks.delete(blob);
    for (let i = 0; i < chunks; i++) this.deleted.push(chunkKey(blob, i, chunks));
  }

  private namesOf(connection: string): Set<number> {
    let names = this.named.get(connection);
    if (names === undefined) {
      names = new Set();
      this.named.set(connection, names);
    }
    return names;
  }
}

/** The blobs of a changelog put together again, by number; what lacks a chunk is not among them. */
export function joinBlobs(chunks: ReadonlyMap<string, Buffer>): Map<number, { bytes: Buffer; chunks: number }> {
  const parts = new Map<number, (Buffer | undefined)[]>();
  for (const [key, bytes] of chunks) {
    const match = /^(\d{1,16})\/(\d{1,4})\.(\d{1,4})$/.exec(key);
    if (match === null) continue;
    const [blob, index, count] = [Number(match[1]), Number(match[2]), Number(match[3])];
    const list = parts.get(blob) ?? new Array<Buffer | undefined>(count).fill(undefined);
    if (index < list.length) list[index] = bytes;
    parts.set(blob, list);
  }
  const joined = new Map<number, { bytes: Buffer; chunks: number }>();
  for (const [blob, list] of parts) {
    const whole = list.filter((part) => part !== undefined);
    if (whole.length === list.length) joined.set(blob, { bytes: Buffer.concat(whole), chunks: list.length });
  }
  return joined;
}

function chunkKey(blob: number, index: number, count: number): string {
  return `${blob}/${index}.${count}`;
}
