import { copySegment, type HeldSegment } from './held-segment.ts';
import type { TcpCounters } from './tcp-counters.ts';

/**
 * Segments of one half-connection that wait: ordered by sequence number, never overlapping. Where a new segment
 * overlaps held ones the first copy wins; differing bytes are counted.
 */
export class HeldSegments {
  /** Memory charged to this half. */
  chargedBytes = 0;
  readonly #segments: HeldSegment[] = [];

  get count(): number {
    return this.#segments.length;
  }

  first(): HeldSegment | undefined {
    return this.#segments[0];
  }

  /** Sequence number after the last held byte; only meaningful when something is held. */
  endSeq(): number {
    const last = this.#segments[this.#segments.length - 1];
    return last === undefined ? 0 : (last.seq + last.length) | 0;
  }

  takeFirst(): HeldSegment | undefined {
    const segment = this.#segments.shift();
    if (segment !== undefined) this.chargedBytes -= segment.chargedBytes;
    return segment;
  }

  /**
   * Copies what is not yet held of [seq, seq + length).
   * @param captured Bytes from `start` that were captured; the rest of `length` was cut off.
   */
  insert(
    seq: number,
    length: number,
    ack: number,
    source: Buffer,
    start: number,
    captured: number,
    timeUs: number,
    packet: number,
    counters: TcpCounters,
  ): void {
    let index = this.#segments.length;
    while (index > 0 && this.#overhang(index - 1, seq) > 0) index -= 1;
    let offset = 0;
    while (offset < length) {
      const next = this.#segments[index];
      const free = next === undefined ? length - offset : (next.seq - seq - offset) | 0;
      if (free > 0) {
        const taken = Math.min(free, length - offset);
        const present = Math.max(0, Math.min(captured - offset, taken));
        const piece = copySegment((seq + offset) | 0, taken, ack, source, start + offset, present, timeUs, packet);
        this.#segments.splice(index, 0, piece);
        this.chargedBytes += piece.chargedBytes;
        offset += taken;
      } else if (next !== undefined) {
        const skip = -free;
        const overlap = Math.min(next.length - skip, length - offset);
        const comparable = Math.min(overlap, captured - offset, next.bytes.length - skip);
        counters.conflictBytes += differingBytes(source, start + offset, next.bytes, skip, comparable);
        counters.retransmittedBytes += overlap;
        offset += overlap;
      }
      index += 1;
    }
  }

  /** Bytes by which the segment at `index` reaches beyond `seq`. */
  #overhang(index: number, seq: number): number {
    const segment = this.#segments[index];
    return segment === undefined ? 0 : (segment.seq + segment.length - seq) | 0;
  }
}

function differingBytes(a: Buffer, aStart: number, b: Buffer, bStart: number, length: number): number {
  let differing = 0;
  for (let i = 0; i < length; i += 1) if (a[aStart + i] !== b[bStart + i]) differing += 1;
  return differing;
}
