import type { FlowRows } from './flow-rows.ts';
import type { HeldSegments } from './held-segments.ts';

/** A half that sent an inexact RST and was silent for so long is taken at its word. */
const RESET_SILENCE_US = 1_000_000;

/**
 * One direction of a connection. Sequence numbers are 32-bit integers (`| 0`) and compared by the sign of their
 * wrapped difference (RFC 9293 3.4). Everything of a packet's path is here; nothing is allocated until bytes must wait.
 */
export class HalfConnection {
  readonly #rows: FlowRows;
  /** Where `next` is among the numbers of all flows. */
  readonly #nextAt: number;
  /** `next` is known: from a SYN, from the first segment, or from the peer's acknowledgement. */
  isKnown = false;
  /** A packet of this half was captured. */
  isSeen = false;
  hasSyn = false;
  /** Sequence number of the first byte that is or would be delivered. */
  firstSeq = 0;
  /** The peer acknowledged bytes up to `ackedTo`, which lies beyond `next`. */
  isAckedAhead = false;
  ackedTo = 0;
  held: HeldSegments | null = null;
  hasFin = false;
  finSeq = 0;
  /** The FIN was reached: nothing of this half follows. */
  isFinished = false;
  /** The FIN was not captured; a single acknowledged byte with nothing after it is taken for it. */
  isFinAssumed = false;
  /** A RST that does not fit exactly, and when this half was last heard. */
  hasReset = false;
  resetSeq = 0;
  resetSinceUs = 0;
  /** Bytes are missing at `holeAt`, since when and since which packet; `isHoleAcked`: the peer has them. */
  hasHole = false;
  isHoleAcked = false;
  holeAt = 0;
  holeSinceUs = 0;
  holeSincePacket = 0;
  hadGap = false;
  /** Where an implausible position of this half was last seen. */
  hasJump = false;
  jumpAt = 0;

  constructor(rows: FlowRows, nextAt: number) {
    this.#rows = rows;
    this.#nextAt = nextAt;
  }

  /** Sequence number of the next byte to deliver. */
  get next(): number {
    return this.#rows.numbers[this.#nextAt]!;
  }

  set next(seq: number) {
    this.#rows.numbers[this.#nextAt] = seq;
  }

  start(seq: number): void {
    this.isKnown = true;
    this.firstSeq = seq;
    this.next = seq;
  }

  /** A RST that did not fit exactly was followed by silence, or by all bytes before it. */
  isResetBy(nowUs: number): boolean {
    return this.hasReset && (this.next === this.resetSeq || nowUs - this.resetSinceUs >= RESET_SILENCE_US);
  }

  heldBytes(): number {
    return this.held === null ? 0 : this.held.chargedBytes;
  }
}
