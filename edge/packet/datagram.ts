/** IP's limit for a datagram's payload: 16 bits of length. */
const MAX_PAYLOAD_BYTES = 65_535;
/** A full datagram at an MTU of 576 has 119 fragments; more are an attack on memory. */
const MAX_PIECES = 256;
const PIECE_OVERHEAD_BYTES = 512;
const DATAGRAM_OVERHEAD_BYTES = 512;

interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** An IP datagram that is being put together: pieces in order, never overlapping, the first copy of a byte kept. */
export class Datagram {
  readonly sinceUs: number;
  chargedBytes: number = DATAGRAM_OVERHEAD_BYTES;
  /** Protocol of the payload as the first fragment states it (RFC 8200 4.5). */
  protocol = 0;
  readonly #addresses: Buffer;
  readonly #pieces: Piece[] = [];
  #present = 0;
  #total = -1;
  #overlapBytes = 0;

  constructor(addresses: Buffer, sinceUs: number) {
    this.#addresses = Buffer.from(addresses);
    this.sinceUs = sinceUs;
  }

  get isComplete(): boolean {
    return this.#present === this.#total;
  }

  /** Source and destination address, then the payload: the shape in which it goes on. */
  assembled(): Buffer {
    return Buffer.concat([this.#addresses, ...this.#pieces.map((piece) => piece.bytes)]);
  }

  takeOverlapBytes(): number {
    const bytes = this.#overlapBytes;
    this.#overlapBytes = 0;
    return bytes;
  }

  /** @returns False when the fragments contradict each other or exceed what IP allows: the datagram is worthless. */
  add(bytes: Buffer, start: number, end: number, offset: number, hasMore: boolean, protocol: number): boolean {
    const pieceEnd = offset + end - start;
    if (pieceEnd > MAX_PAYLOAD_BYTES || (hasMore && ((end - start) % 8 !== 0 || end === start))) return false;
    if (!hasMore && this.#total !== -1 && this.#total !== pieceEnd) return false;
    if (!hasMore) this.#total = pieceEnd;
    const last = this.#pieces[this.#pieces.length - 1];
    const reached = Math.max(pieceEnd, last === undefined ? 0 : last.offset + last.bytes.length);
    if (this.#total !== -1 && reached > this.#total) return false;
    if (offset === 0) this.protocol = protocol;
    this.#insert(bytes, start, offset, pieceEnd);
    return this.#pieces.length <= MAX_PIECES;
  }

  #insert(bytes: Buffer, start: number, offset: number, pieceEnd: number): void {
    let at = offset;
    for (let i = 0; at < pieceEnd; i += 1) {
      const next = this.#pieces[i];
      const free = next === undefined ? pieceEnd - at : Math.min(next.offset, pieceEnd) - at;
      if (free > 0) {
        const from = start + at - offset;
        const copy = Buffer.allocUnsafeSlow(free);
        bytes.copy(copy, 0, from, from + free);
        this.#pieces.splice(i, 0, { offset: at, bytes: copy });
        this.#present += free;
        this.chargedBytes += free + PIECE_OVERHEAD_BYTES;
        at += free;
      } else if (next !== undefined) {
        const overlap = Math.min(next.offset + next.bytes.length, pieceEnd) - at;
        if (overlap <= 0) continue;
        this.#overlapBytes += overlap;
        at += overlap;
      }
    }
  }
}
