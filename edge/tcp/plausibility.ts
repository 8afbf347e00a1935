import type { Flow } from './flow.ts';
import type { HalfConnection } from './half-connection.ts';
import type { HeldSegment } from './held-segment.ts';

/**
 * Farther than this from where a half stands, a position is not taken at its word: twice the largest window that
 * common systems grow to (Linux `tcp_rmem` and `tcp_wmem` default to 6 and 4 MiB).
 */
export const MAX_JUMP_BYTES = 16 * 1024 * 1024;
/** A confirmed jump is still never farther than the largest window TCP allows (RFC 7323 2.3). */
const MAX_CONFIRMED_JUMP_BYTES = 2 ** 30;
/** How far behind the first implausible position the second one may lie (reordering within the capture). */
const BEHIND_BYTES = 1024 * 1024;

export const PLAUSIBLE = 0;
/** Set aside until a second packet agrees. */
export const SUSPECT = 1;
/** Both halves are elsewhere, and two packets agree: the ports belong to another connection. */
export const REOPEN = 2;
/** Far ahead, but a second packet agrees: the capture missed a span of this connection. */
export const CONFIRMED = 3;
export type Verdict = typeof PLAUSIBLE | typeof SUSPECT | typeof REOPEN | typeof CONFIRMED;

/**
 * Judges a segment by the two positions it states: its own (`seq`) and the peer's (`ack`).
 * - Both within 16 MiB: plausible. An old acknowledgement is plausible too.
 * - One far ahead, the other near: the capture may have missed a long span. Believed when a second packet states a
 *   position close after the first, from the other side or not identical to it; then the span becomes a gap.
 * - Sequence far behind, acknowledgement near: never believed.
 * - Both far off: believed when a second packet agrees in both; then it is another connection on the same ports.
 * A forged packet alone therefore changes nothing, and neither does a duplicate of it.
 */
export function judge(flow: Flow, fromClient: boolean, seq: number, ack: number): Verdict {
  const half = fromClient ? flow.client : flow.server;
  const peer = fromClient ? flow.server : flow.client;
  const seqJump = (seq - half.next) | 0;
  const ackJump = (ack - peer.next) | 0;
  const isSeqNear = seqJump <= MAX_JUMP_BYTES && seqJump >= -MAX_JUMP_BYTES;
  const isAckNear = ackJump <= MAX_JUMP_BYTES && ackJump >= -MAX_JUMP_BYTES;
  if (isSeqNear && (isAckNear || ackJump < 0)) return PLAUSIBLE;
  if (!isSeqNear && !isAckNear) {
    const isNew = seq !== half.jumpAt || ack !== peer.jumpAt || fromClient !== flow.isJumpFromClient;
    const agrees = isNew && isNearJump(half, seq) && isNearJump(peer, ack);
    remember(flow, half, seq, fromClient);
    remember(flow, peer, ack, fromClient);
    return agrees ? REOPEN : SUSPECT;
  }
  const jumper = isSeqNear ? peer : half;
  const position = isSeqNear ? ack : seq;
  const jump = isSeqNear ? ackJump : seqJump;
  if (jump < 0 || jump > MAX_CONFIRMED_JUMP_BYTES) return SUSPECT;
  const agrees = isNearJump(jumper, position) && (position !== jumper.jumpAt || fromClient !== flow.isJumpFromClient);
  remember(flow, jumper, position, fromClient);
  return agrees ? CONFIRMED : SUSPECT;
}

/** The segment set aside belongs to what was confirmed, rather than to an earlier stray. */
export function agreesWith(verdict: Verdict, flow: Flow, isSuspectFromClient: boolean, suspect: HeldSegment): boolean {
  const half = isSuspectFromClient ? flow.client : flow.server;
  const peer = isSuspectFromClient ? flow.server : flow.client;
  return isNearStated(verdict, half, suspect.seq) && isNearStated(verdict, peer, suspect.ack);
}

function isNearStated(verdict: Verdict, half: HalfConnection, position: number): boolean {
  const isAtJump = half.hasJump && Math.abs((position - half.jumpAt) | 0) <= MAX_JUMP_BYTES;
  return isAtJump || (verdict === CONFIRMED && Math.abs((position - half.next) | 0) <= MAX_JUMP_BYTES);
}

function isNearJump(half: HalfConnection, position: number): boolean {
  if (!half.hasJump) return false;
  const distance = (position - half.jumpAt) | 0;
  return distance >= -BEHIND_BYTES && distance <= MAX_JUMP_BYTES;
}

function remember(flow: Flow, half: HalfConnection, position: number, fromClient: boolean): void {
  half.hasJump = true;
  half.jumpAt = position;
  flow.isJumpFromClient = fromClient;
}
