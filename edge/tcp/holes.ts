import type { Flow } from './flow.ts';
import type { HalfConnection } from './half-connection.ts';

/** A hole the peer acknowledged is given up after so much capture time: other CPUs' rings have been read by then. */
const ACKED_HOLE_US = 100_000;
/** ... or after so many further packets of the connection. */
const ACKED_HOLE_PACKETS = 256;
/** Where the peer is never seen nothing can acknowledge: long enough for several retransmissions (RFC 6298: 1 s at first). */
const UNSEEN_PEER_HOLE_US = 1_000_000;

/** The half's next byte is missing although later ones are held or acknowledged, or its FIN was seen. */
export function hasHole(half: HalfConnection): boolean {
  const head = half.held?.first();
  return head === undefined ? half.isAckedAhead || (half.hasFin && !half.isFinished) : head.seq !== half.next;
}

/** `ack` acknowledges bytes of `peer` that were not delivered yet. */
export function isWaiting(ack: number, peer: HalfConnection): boolean {
  return ((ack - peer.next) | 0) > 0 && !peer.isFinished;
}

/** Something of the half is held, missing or about to end. */
export function isPending(half: HalfConnection): boolean {
  return half.held !== null || half.isAckedAhead || half.hasReset || (half.hasFin && !half.isFinished);
}

/** The peer's first held segment is next in its half, and waits for bytes of this half. */
function isAwaited(half: HalfConnection, peer: HalfConnection): boolean {
  const head = peer.held?.first();
  return head !== undefined && head.seq === peer.next && isWaiting(head.ack, half);
}

/** Notes since when the half has its present hole, and tells whether it has waited long enough. */
export function isHoleDue(flow: Flow, half: HalfConnection, peer: HalfConnection, nowUs: number): boolean {
  if (!hasHole(half)) {
    half.hasHole = false;
    return false;
  }
  if (!half.hasHole || half.holeAt !== half.next || half.isHoleAcked !== half.isAckedAhead) {
    // One hole after another: the segment that waits for this one tells since when it was acknowledged.
    const waiting = isAwaited(half, peer) ? peer.held?.first() : undefined;
    half.hasHole = true;
    half.holeAt = half.next;
    half.isHoleAcked = half.isAckedAhead;
    half.holeSinceUs = waiting === undefined ? nowUs : waiting.timeUs;
    half.holeSincePacket = waiting === undefined ? flow.packets : waiting.packet;
  }
  const waitedUs = nowUs - half.holeSinceUs;
  if (!half.isHoleAcked) return !peer.isSeen && waitedUs >= UNSEEN_PEER_HOLE_US;
  // A half of which nothing is captured: its bytes will not come, so only the first hole waits.
  if (!half.isSeen && half.hadGap) return true;
  return waitedUs >= ACKED_HOLE_US || ((flow.packets - half.holeSincePacket) | 0) >= ACKED_HOLE_PACKETS;
}

/**
 * Where the half's hole ends for now: at the first byte held, at what the peer's waiting segment acknowledges (so that
 * gaps and bytes of both halves keep their causal order), at what the peer acknowledged, or at the FIN.
 */
export function holeEnd(half: HalfConnection, peer: HalfConnection): number {
  let length = 2 ** 31 - 1;
  const head = half.held?.first();
  if (head !== undefined) length = Math.min(length, (head.seq - half.next) | 0);
  if (half.isAckedAhead) length = Math.min(length, (half.ackedTo - half.next) | 0);
  const waiting = isAwaited(half, peer) ? peer.held?.first() : undefined;
  if (waiting !== undefined) length = Math.min(length, (waiting.ack - half.next) | 0);
  if (half.hasFin && !half.isFinished) length = Math.min(length, (half.finSeq - half.next) | 0);
  return length === 2 ** 31 - 1 ? half.next : (half.next + length) | 0;
}
