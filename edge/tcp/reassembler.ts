import { Delivery } from './delivery.ts';
import { FLOW_ESTABLISHED, type Flow } from './flow.ts';
import type { FlowLimits } from './flow-limits.ts';
import type { HalfConnection } from './half-connection.ts';
import { copySegment, type HeldSegment } from './held-segment.ts';
import { HeldSegments } from './held-segments.ts';
import { hasHole, holeEnd, isHoleDue, isPending, isWaiting } from './holes.ts';
import { FIN, type Segment } from './segment.ts';
import type { StreamHandler } from './stream-handler.ts';
import type { TcpCounters } from './tcp-counters.ts';

/** An implausible segment that nothing confirms is forgotten after so long. */
const SUSPECT_US = 1_000_000;
/** How many waiting connections are looked at for one to relieve of held bytes. */
const RELIEF_CANDIDATES = 64;

/**
 * Puts the segments of a flow in order: each half by sequence number, the two halves by their acknowledgements.
 * A segment that acknowledges bytes which were not delivered yet waits for them, or for the gap that stands for them.
 */
export class Reassembler {
  /** Flows with something held, missing or ending, the longest waiting first. */
  readonly watched = new Set<Flow>();
  readonly #out: Delivery;
  readonly #limits: FlowLimits;
  readonly #counters: TcpCounters;

  constructor(handler: StreamHandler, limits: FlowLimits, counters: TcpCounters) {
    this.#out = new Delivery(handler, counters);
    this.#limits = limits;
    this.#counters = counters;
  }

  /** Takes a segment of which both halves' positions are known and plausible. */
  accept(flow: Flow, segment: Segment): void {
    const { fromClient, seq, ack, length, timeUs } = segment;
    const half = fromClient ? flow.client : flow.server;
    const peer = fromClient ? flow.server : flow.client;
    if (half.hasReset) half.resetSinceUs = timeUs;
    this.#noteAck(flow, peer, !fromClient, ack, timeUs);
    // The peer is never captured: its bytes need no waiting for, nor this segment a copy.
    if (peer.isAckedAhead && !peer.isSeen && peer.hadGap && seq === half.next && half.held === null) {
      this.#declareGap(flow, !fromClient, timeUs);
    }
    if (length > 0) this.#data(flow, half, peer, segment);
    // Bytes after the RST: the host lives, so it was not its own or not accepted.
    if (half.hasReset && ((half.next - half.resetSeq) | 0) > 0) half.hasReset = false;
    const end = (seq + length) | 0;
    const hasFin = (segment.flags & FIN) !== 0;
    if (hasFin && half.isFinAssumed && ((end - half.next) | 0) >= 0) this.#withdrawFin(flow, half, fromClient, timeUs);
    if (hasFin && !half.hasFin && !half.isFinished && ((end - half.next) | 0) >= 0) {
      half.hasFin = true;
      half.finSeq = end;
    }
    this.settle(flow, timeUs);
    if (this.#counters.heldBytes > this.#limits.heldBytes) this.#relieve(flow, timeUs);
  }

  /** Delivers what can be, gives up holes that are due, and decides whether the flow must be watched. */
  settle(flow: Flow, nowUs: number): void {
    do this.#drain(flow);
    while (this.#giveUp(flow, nowUs));
    const { suspect } = flow;
    if (suspect !== null && Math.abs(nowUs - suspect.timeUs) > SUSPECT_US) this.forgetSuspect(flow);
    const isWatched = isPending(flow.client) || isPending(flow.server) || flow.suspect !== null || flow.isFinished;
    if (isWatched) this.watched.add(flow);
    else this.watched.delete(flow);
    const { client, server } = flow;
    flow.isFast =
      !isWatched &&
      flow.state === FLOW_ESTABLISHED &&
      client.isSeen &&
      server.isSeen &&
      !client.isFinished &&
      !server.isFinished;
  }

  /** The flow closes: every hole is a gap now and everything held is delivered. */
  flush(flow: Flow, nowUs: number): void {
    do this.#drain(flow);
    while (this.#unblock(flow, true, nowUs));
    this.forgetSuspect(flow);
    this.watched.delete(flow);
    flow.isFast = false;
  }

  /** Keeps a copy of an implausible segment's data until a second segment agrees; one for each flow. */
  suspect(flow: Flow, segment: Segment): void {
    this.forgetSuspect(flow);
    const { seq, length, ack, bytes, dataAt, captured, timeUs } = segment;
    if (this.#counters.heldBytes + captured > this.#limits.heldBytes / 2) return;
    flow.suspect = copySegment(seq, length, ack, bytes, dataAt, captured, timeUs, flow.packets);
    flow.isSuspectFromClient = segment.fromClient;
    this.#counters.heldBytes += flow.suspect.chargedBytes;
    this.settle(flow, timeUs);
  }

  forgetSuspect(flow: Flow): void {
    if (flow.suspect === null) return;
    this.#counters.heldBytes -= flow.suspect.chargedBytes;
    flow.suspect = null;
  }

  #noteAck(flow: Flow, peer: HalfConnection, isClient: boolean, ack: number, timeUs: number): void {
    if (((ack - peer.next) | 0) <= 0) return;
    if (peer.isFinAssumed) this.#withdrawFin(flow, peer, isClient, timeUs);
    if (peer.isFinished) return;
    if (!peer.isAckedAhead || ((ack - peer.ackedTo) | 0) > 0) peer.ackedTo = ack;
    peer.isAckedAhead = ((peer.ackedTo - peer.next) | 0) > 0;
  }

  #data(flow: Flow, half: HalfConnection, peer: HalfConnection, segment: Segment): void {
    const { fromClient, bytes, timeUs } = segment;
    const known = Math.max(0, (half.next - segment.seq) | 0);
    this.#counters.retransmittedBytes += Math.min(known, segment.length);
    if (known >= segment.length) return;
    if (half.isFinAssumed) this.#withdrawFin(flow, half, fromClient, timeUs);
    const seq = (segment.seq + known) | 0;
    let length = segment.length - known;
    const room = half.isFinished ? 0 : half.hasFin ? Math.max(0, (half.finSeq - seq) | 0) : length;
    if (length > room) {
      this.#counters.afterFinBytes += length - room;
      length = room;
      if (length === 0) return;
    }
    const start = segment.dataAt + known;
    const captured = Math.max(0, Math.min(segment.captured - known, length));
    // An old acknowledgement must not turn into a future one while its segment is held and the peer goes on.
    const ack = isWaiting(segment.ack, peer) ? segment.ack : peer.next;
    const head = half.held?.first();
    const isNext = seq === half.next;
    const isFree = head === undefined || ((head.seq - seq - length) | 0) >= 0;
    if (isNext && isFree && !isWaiting(ack, peer)) {
      this.#out.deliver(flow, half, fromClient, bytes, start, captured, length, timeUs);
      return;
    }
    if (!isNext) this.#counters.outOfOrderSegments += 1;
    half.held ??= new HeldSegments();
    const before = half.held.chargedBytes;
    half.held.insert(seq, length, ack, bytes, start, captured, timeUs, flow.packets, this.#counters);
    this.#counters.heldBytes += half.held.chargedBytes - before;
  }

  #drain(flow: Flow): void {
    const { client, server } = flow;
    for (;;) {
      const moved = this.#advance(flow, client, server, true);
      if (this.#advance(flow, server, client, false) || moved) continue;
      const clientHead = client.held?.first();
      const serverHead = server.held?.first();
      if (clientHead?.seq !== client.next || serverHead?.seq !== server.next) return;
      // Each waits for the other, which no pair of real stacks does: the order of capture decides.
      if (((clientHead.packet - serverHead.packet) | 0) <= 0) this.#deliverFirst(flow, client, true);
      else this.#deliverFirst(flow, server, false);
    }
  }

  #advance(flow: Flow, half: HalfConnection, peer: HalfConnection, fromClient: boolean): boolean {
    let moved = false;
    let head = half.held?.first();
    while (head !== undefined && head.seq === half.next && !isWaiting(head.ack, peer)) {
      this.#deliverFirst(flow, half, fromClient);
      moved = true;
      head = half.held?.first();
    }
    if (half.hasFin && !half.isFinished && half.next === half.finSeq) {
      half.isFinished = true;
      half.next = (half.next + 1) | 0;
      this.#release(half);
      moved = true;
    }
    if (half.isAckedAhead && (half.isFinished || ((half.ackedTo - half.next) | 0) <= 0)) half.isAckedAhead = false;
    return moved;
  }

  #deliverFirst(flow: Flow, half: HalfConnection, fromClient: boolean): void {
    const head: HeldSegment | undefined = half.held?.takeFirst();
    if (head === undefined) return;
    this.#counters.heldBytes -= head.chargedBytes;
    if (half.held?.count === 0) half.held = null;
    this.#out.deliver(flow, half, fromClient, head.bytes, 0, head.bytes.length, head.length, head.timeUs);
  }

  #release(half: HalfConnection): void {
    this.#counters.heldBytes -= half.heldBytes();
    half.held = null;
  }

  /** Declares one hole a gap where time or memory demand it. */
  #giveUp(flow: Flow, nowUs: number): boolean {
    const { client, server } = flow;
    const isClientDue = isHoleDue(flow, client, server, nowUs);
    const isServerDue = isHoleDue(flow, server, client, nowUs);
    if (isClientDue && this.#declareGap(flow, true, nowUs)) return true;
    if (isServerDue && this.#declareGap(flow, false, nowUs)) return true;
    if (client.heldBytes() > this.#limits.heldBytesPerHalf) return this.#unblock(flow, true, nowUs);
    if (server.heldBytes() > this.#limits.heldBytesPerHalf) return this.#unblock(flow, false, nowUs);
    return false;
  }

  /** Gives up the hole that keeps a half's first held segment: its own, or the one of the peer it waits for. */
  #unblock(flow: Flow, fromClient: boolean, nowUs: number): boolean {
    if (this.#declareGap(flow, fromClient, nowUs) || this.#declareGap(flow, !fromClient, nowUs)) return true;
    // No hole, yet something is held: what it acknowledges makes no sense, so it waits no longer.
    if (flow.client.held !== null) this.#deliverFirst(flow, flow.client, true);
    else if (flow.server.held !== null) this.#deliverFirst(flow, flow.server, false);
    else return false;
    return true;
  }

  #declareGap(flow: Flow, fromClient: boolean, nowUs: number): boolean {
    const half = fromClient ? flow.client : flow.server;
    const peer = fromClient ? flow.server : flow.client;
    if (!hasHole(half)) return false;
    const missing = (holeEnd(half, peer) - half.next) | 0;
    if (missing <= 0) return false;
    const head = half.held?.first();
    if (missing === 1 && head === undefined && !half.hasFin) {
      // No MySQL peer ends with a segment of one byte: the FIN was not captured.
      half.isFinished = true;
      half.isFinAssumed = true;
      half.next = (half.next + 1) | 0;
      return true;
    }
    const after = peer.held?.first() ?? head;
    this.#out.gap(flow, half, fromClient, missing, after === undefined ? nowUs : after.timeUs);
    return true;
  }

  /** More follows where a FIN was assumed: it was a byte after all. */
  #withdrawFin(flow: Flow, half: HalfConnection, fromClient: boolean, timeUs: number): void {
    half.isFinished = false;
    half.isFinAssumed = false;
    this.#out.missing(flow, half, fromClient, 1, timeUs);
  }

  #relieve(current: Flow, nowUs: number): void {
    let looked = 0;
    for (const flow of this.watched) {
      looked += 1;
      const candidate = looked < RELIEF_CANDIDATES ? flow : current;
      this.forgetSuspect(candidate);
      while (
        this.#counters.heldBytes > this.#limits.heldBytes &&
        (candidate.client.held !== null || candidate.server.held !== null) &&
        this.#unblock(candidate, candidate.client.heldBytes() > candidate.server.heldBytes(), nowUs)
      ) {
        this.settle(candidate, nowUs);
      }
      if (candidate === current && looked >= RELIEF_CANDIDATES) return;
      if (this.#counters.heldBytes <= this.#limits.heldBytes) return;
    }
  }
}
