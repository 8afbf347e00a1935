import { Datagram } from './datagram.ts';
import type { PacketCounters } from './packet-counters.ts';

/** Fragments are kept for so long (RFC 791 3.2 and RFC 8200 4.5 allow 15 to 60 s; Linux waits 30). */
const TIMEOUT_US = 30_000_000;
const MAX_DATAGRAMS = 1024;
/** Memory of all waiting fragments; Linux's default `ipfrag_high_thresh` is 4 MiB. Beyond: the oldest datagram is dropped. */
const MAX_BYTES = 4 * 1024 * 1024;

/** IP fragments that wait for their others, bounded in number, bytes and time. Not a hot path: MySQL hosts use path MTU discovery. */
export class FragmentTable {
  readonly #datagrams = new Map<string, Datagram>();
  readonly #counters: PacketCounters;
  #bytes = 0;

  constructor(counters: PacketCounters) {
    this.#counters = counters;
  }

  /**
   * Takes a fragment.
   * @param addressAt Offset of the two addresses of `addressBytes` together.
   * @param idAt, idBytes The identification field.
   * @param nextHeader Protocol of what was fragmented, as this fragment states it.
   * @param offset Where its payload [start, end) of `bytes` belongs in the datagram.
   * @returns The datagram when this was its last missing piece: see `Datagram.assembled`.
   */
  add(
    bytes: Buffer,
    addressAt: number,
    addressBytes: number,
    idAt: number,
    idBytes: number,
    nextHeader: number,
    start: number,
    end: number,
    offset: number,
    hasMore: boolean,
    timeUs: number,
  ): Datagram | null {
    this.expire(timeUs);
    this.#counters.fragments += 1;
    const addresses = bytes.toString('latin1', addressAt, addressAt + addressBytes);
    // IPv4 numbers the datagrams of each protocol apart (RFC 791 3.2); IPv6 numbers all of them together.
    const protocol = addressBytes === 8 ? String.fromCharCode(nextHeader) : '';
    const key = addresses + bytes.toString('latin1', idAt, idAt + idBytes) + protocol;
    let datagram = this.#datagrams.get(key);
    if (datagram === undefined) {
      datagram = new Datagram(bytes.subarray(addressAt, addressAt + addressBytes), timeUs);
      this.#datagrams.set(key, datagram);
      this.#bytes += datagram.chargedBytes;
    }
    const before = datagram.chargedBytes;
    const isSound = datagram.add(bytes, start, end, offset, hasMore, nextHeader);
    this.#bytes += datagram.chargedBytes - before;
    this.#counters.fragmentOverlapBytes += datagram.takeOverlapBytes();
    if (!isSound) {
      this.#drop(key, datagram);
      return null;
    }
    if (datagram.isComplete) {
      this.#forget(key, datagram);
      this.#counters.fragmentsReassembled += 1;
      return datagram;
    }
    while (this.#datagrams.size > MAX_DATAGRAMS || this.#bytes > MAX_BYTES) {
      const [oldest] = this.#datagrams;
      if (oldest === undefined) break;
      this.#drop(oldest[0], oldest[1]);
    }
    this.#counters.fragmentsPending = this.#datagrams.size;
    return null;
  }

  /** Drops datagrams that waited too long. */
  expire(nowUs: number): void {
    for (const [key, datagram] of this.#datagrams) {
      // Times far ahead come from before a step of the clock.
      if (Math.abs(nowUs - datagram.sinceUs) < TIMEOUT_US) return;
      this.#drop(key, datagram);
    }
  }

  /** Drops everything: the input ended. */
  clear(): void {
    for (const [key, datagram] of this.#datagrams) this.#drop(key, datagram);
  }

  #drop(key: string, datagram: Datagram): void {
    this.#counters.fragmentsDropped += 1;
    this.#forget(key, datagram);
  }

  #forget(key: string, datagram: Datagram): void {
    this.#datagrams.delete(key);
    this.#bytes -= datagram.chargedBytes;
    this.#counters.fragmentsPending = this.#datagrams.size;
  }
}
