import { FLOW_CLOSED, type Flow } from './flow.ts';
import { MAX_JUMP_BYTES } from './plausibility.ts';
import { ACK, type Segment } from './segment.ts';

/** A SYN captured after the first segments of its connection lies at most this far before them. */
const LATE_SYN_BYTES = 65_536;

/** No stack sends a SYN again once data flows; a copy within the capture comes sooner than this. */
const SYN_COPY_SECONDS = 2;

/**
 * The SYN or SYN-ACK belongs to this flow: it opens the half that is unknown so far, or was sent before. The same number
 * after data and silence is a connection that somebody plays back.
 */
export function isSameSyn(flow: Flow, segment: Segment, nowSec: number): boolean {
  if ((flow.hasData || flow.state === FLOW_CLOSED) && ((nowSec - flow.lastSeenSec) | 0) >= SYN_COPY_SECONDS)
    return false;
  const half = segment.fromClient ? flow.client : flow.server;
  const peer = segment.fromClient ? flow.server : flow.client;
  const first = (segment.seq + 1) | 0;
  if (!half.isKnown) {
    // A SYN-ACK acknowledges the SYN and no more than the data that came with it.
    const beyond = (segment.ack - peer.firstSeq) | 0;
    return (segment.flags & ACK) === 0 || (beyond >= 0 && beyond <= LATE_SYN_BYTES);
  }
  const before = (half.firstSeq - first) | 0;
  return half.hasSyn ? before === 0 : before >= 0 && before <= LATE_SYN_BYTES;
}

/** Data of a closed flow's ports that is too far from where the flow ended to be a late copy: a new connection. */
export function startsAnew(flow: Flow, segment: Segment): boolean {
  const half = segment.fromClient ? flow.client : flow.server;
  return half.isKnown && Math.abs((segment.seq - half.next) | 0) > MAX_JUMP_BYTES;
}

/**
 * A RST that the receiver surely accepts (RFC 5961 3.2): at the byte it expects next, as far as the capture knows it
 * (delivered, held, acknowledged, or after the FIN); or, from a half not seen so far, in answer to the peer's last byte.
 */
export function isExactReset(flow: Flow, segment: Segment): boolean {
  const half = segment.fromClient ? flow.client : flow.server;
  const peer = segment.fromClient ? flow.server : flow.client;
  const { seq } = segment;
  if (!half.isKnown) return (segment.flags & ACK) !== 0 && segment.ack === peer.next;
  if (seq === half.next) return true;
  if (half.isFinished && ((seq + 1) | 0) === half.next) return true;
  if (half.isAckedAhead && seq === half.ackedTo) return true;
  return half.held !== null && seq === half.held.endSeq();
}

/** A RST a little ahead: bytes before it may be missing from the capture. */
export function isPlausibleReset(flow: Flow, segment: Segment): boolean {
  const half = segment.fromClient ? flow.client : flow.server;
  const distance = (segment.seq - half.next) | 0;
  return half.isKnown && distance > 0 && distance <= MAX_JUMP_BYTES;
}
