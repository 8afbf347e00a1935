import type { Connection } from './connection.ts';
import type { Flow } from './flow.ts';
import { FLOW_CLOSED, FLOW_ESTABLISHED } from './flow.ts';
import type { FlowLimits } from './flow-limits.ts';
import type { FlowRegistry } from './flow-registry.ts';
import { LEFT_OUT, type LeftOut } from './left-out.ts';
import { agreesWith, judge, PLAUSIBLE, REOPEN, SUSPECT, type Verdict } from './plausibility.ts';
import { Reassembler } from './reassembler.ts';
import { ACK, FIN, RST, Segment, SYN } from './segment.ts';
import { isExactReset, isPlausibleReset, isSameSyn, startsAnew } from './segment-rules.ts';
import type { CloseReason, StreamHandler } from './stream-handler.ts';
import type { TcpCounters } from './tcp-counters.ts';

/** Decides on a connection that opens. */
export type Admit = (connection: Connection) => LeftOut;

/** Opens, follows and closes flows: every segment that is not simply the next one. */
export class FlowTracker {
  readonly #registry: FlowRegistry;
  readonly #handler: StreamHandler;
  readonly #counters: TcpCounters;
  readonly #reassembler: Reassembler;
  readonly #setAside = new Segment();
  readonly #admit: Admit;

  constructor(registry: FlowRegistry, handler: StreamHandler, limits: FlowLimits, counters: TcpCounters, admit: Admit) {
    this.#registry = registry;
    this.#handler = handler;
    this.#counters = counters;
    this.#admit = admit;
    this.#reassembler = new Reassembler(handler, limits, counters);
  }

  /** Flows with something held, missing or ending. */
  get waitingFlows(): number {
    return this.#reassembler.watched.size;
  }

  /** @param found The flow of the segment's addresses and ports, open or closed, if there is one. */
  segment(found: Flow | null, segment: Segment, nowSec: number): void {
    let flow = this.#flowFor(found, segment, nowSec);
    if (flow === null) return;
    if (flow.leftOut !== LEFT_OUT.no) {
      this.#endLeftOut(flow, segment, nowSec);
      return;
    }
    if ((segment.flags & RST) !== 0) {
      this.#reset(flow, segment, nowSec);
      return;
    }
    this.#hear(flow, segment, nowSec);
    if (!isKnown(flow) || (segment.flags & SYN) !== 0) {
      start(flow, segment);
    } else {
      const verdict = judge(flow, segment.fromClient, segment.seq, segment.ack);
      if (verdict === SUSPECT) {
        this.#counters.implausible += 1;
        if (segment.length > 0) this.#reassembler.suspect(flow, segment);
        return;
      }
      const aside = verdict === PLAUSIBLE ? null : this.#takeSuspect(flow, verdict);
      if (verdict === REOPEN) {
        // As everywhere, acknowledgements alone open no connection.
        if (aside === null && segment.length === 0) return;
        flow = this.#reopen(flow, segment, nowSec);
        if (flow.leftOut !== LEFT_OUT.no) {
          this.leaveOut(flow, segment.length, nowSec);
          return;
        }
      }
      if (aside !== null) {
        start(flow, aside);
        this.#reassembler.accept(flow, aside);
      }
      if (verdict === REOPEN) start(flow, segment);
    }
    this.#reassembler.accept(flow, segment);
    this.#closeIfDone(flow, segment.timeUs, nowSec);
  }

  /** Counts a segment of a connection that is left out; it costs little more than finding the flow. */
  leaveOut(flow: Flow, length: number, nowSec: number): void {
    const counters = this.#counters;
    if (flow.leftOut === LEFT_OUT.shed) {
      counters.shedSegments += 1;
      counters.shedBytes += length;
    } else {
      counters.sampledOutSegments += 1;
      counters.sampledOutBytes += length;
    }
    if (flow.lastSeenSec !== nowSec || !flow.hasData) this.#registry.touch(flow, nowSec, length > 0);
  }

  shed(chosen: (connection: Connection) => boolean, nowUs: number): number {
    const flows = [...this.#registry.open()].filter((flow) => flow.leftOut === LEFT_OUT.no && chosen(flow));
    for (const flow of flows) {
      this.#reassembler.flush(flow, nowUs);
      flow.leftOut = LEFT_OUT.shed;
      this.#counters.shedConnections += 1;
      this.#counters.shedOpenConnections += 1;
      this.#handler.onClose(flow, 'shed', nowUs);
      flow.session = null;
    }
    return flows.length;
  }

  /** Gives up what has waited long enough and forgets what was silent for too long. */
  sweep(nowUs: number, nowSec: number): void {
    for (const flow of this.#reassembler.watched) {
      this.#reassembler.settle(flow, nowUs);
      this.#closeIfDone(flow, nowUs, nowSec);
    }
    this.#registry.expireTombstones(nowSec);
    for (let flow = this.#registry.oldestIdle(nowSec); flow !== null; flow = this.#registry.oldestIdle(nowSec)) {
      this.#close(flow, 'idle', nowUs, nowSec, false);
    }
  }

  closeAll(nowUs: number, nowSec: number): void {
    for (let flow = this.#registry.oldestOpen(); flow !== null; flow = this.#registry.oldestOpen()) {
      this.#close(flow, 'end_of_input', nowUs, nowSec, false);
    }
  }

  /** The open flow a segment belongs to: the one found, a new one, or null where it opens none. */
  #flowFor(found: Flow | null, segment: Segment, nowSec: number): Flow | null {
    if ((segment.flags & (SYN | RST | ACK)) === 0) {
      this.#counters.malformed += 1;
      return null;
    }
    if (found !== null && found.state !== FLOW_CLOSED) {
      if (!segment.isSyn || isSameSyn(found, segment, nowSec)) return found;
      this.#close(found, 'reused', segment.timeUs, nowSec, false);
    } else if (found !== null) {
      const isNew = segment.isSyn
        ? !isSameSyn(found, segment, nowSec)
        : segment.opensMidstream && startsAnew(found, segment);
      if (!isNew) {
        this.#counters.late += 1;
        return null;
      }
      this.#registry.remove(found);
    } else if (!segment.isSyn && !segment.opensMidstream) {
      this.#counters.stray += 1;
      return null;
    }
    return this.#open(segment, nowSec);
  }

  #open(segment: Segment, nowSec: number): Flow {
    const evicted = this.#registry.makeRoom();
    if (evicted !== null) {
      this.#counters.evictions += 1;
      this.#close(evicted, 'evicted', segment.timeUs, nowSec, false);
    }
    const flow = this.#registry.add(segment);
    this.#counters.connectionsOpened += 1;
    this.#counters.connectionsOpen += 1;
    flow.leftOut = this.#admit(flow);
    if (flow.leftOut === LEFT_OUT.no) this.#handler.onOpen(flow, segment.timeUs);
    else if (flow.leftOut === LEFT_OUT.shed) this.#counters.shedConnections += 1;
    else this.#counters.sampledOutConnections += 1;
    return flow;
  }

  #reopen(old: Flow, segment: Segment, nowSec: number): Flow {
    this.#close(old, 'reused', segment.timeUs, nowSec, false);
    const flow = this.#open(segment, nowSec);
    this.#hear(flow, segment, nowSec);
    return flow;
  }

  /** A SYN, FIN or RST of a connection that is left out, or the segment that opened it: only its end must be noticed. */
  #endLeftOut(flow: Flow, segment: Segment, nowSec: number): void {
    const half = segment.fromClient ? flow.client : flow.server;
    this.leaveOut(flow, segment.length, nowSec);
    half.isSeen = true;
    if ((segment.flags & SYN) !== 0) start(flow, segment);
    half.isKnown = true;
    half.next = (segment.seq + segment.length) | 0;
    if ((segment.flags & FIN) !== 0) half.isFinished = true;
    if ((segment.flags & RST) !== 0) this.#close(flow, 'rst', segment.timeUs, nowSec, true);
    else if (flow.isFinished) this.#close(flow, 'fin', segment.timeUs, nowSec, true);
  }

  #hear(flow: Flow, segment: Segment, nowSec: number): void {
    flow.packets = (flow.packets + 1) | 0;
    (segment.fromClient ? flow.client : flow.server).isSeen = true;
    if (flow.lastSeenSec !== nowSec || !flow.hasData) this.#registry.touch(flow, nowSec, segment.length > 0);
  }

  #reset(flow: Flow, segment: Segment, nowSec: number): void {
    if (isExactReset(flow, segment)) {
      this.#close(flow, 'rst', segment.timeUs, nowSec, true);
      return;
    }
    if (!isPlausibleReset(flow, segment)) {
      this.#counters.implausible += 1;
      return;
    }
    const half = segment.fromClient ? flow.client : flow.server;
    half.hasReset = true;
    half.resetSeq = segment.seq;
    half.resetSinceUs = segment.timeUs;
    this.#reassembler.settle(flow, segment.timeUs);
  }

  /** The segment set aside, if a second one now bears it out. */
  #takeSuspect(flow: Flow, verdict: Verdict): Segment | null {
    const held = flow.suspect;
    if (held === null) return null;
    this.#reassembler.forgetSuspect(flow);
    if (!agreesWith(verdict, flow, flow.isSuspectFromClient, held)) return null;
    const aside = this.#setAside;
    aside.fromClient = flow.isSuspectFromClient;
    aside.flags = ACK;
    aside.seq = held.seq;
    aside.ack = held.ack;
    aside.bytes = held.bytes;
    aside.dataAt = 0;
    aside.captured = held.bytes.length;
    aside.length = held.length;
    aside.timeUs = held.timeUs;
    return aside;
  }

  #closeIfDone(flow: Flow, nowUs: number, nowSec: number): void {
    if (flow.isFinished) this.#close(flow, 'fin', nowUs, nowSec, true);
    else if (flow.client.isResetBy(nowUs) || flow.server.isResetBy(nowUs))
      this.#close(flow, 'rst', nowUs, nowSec, true);
  }

  /** @param isRemembered Late segments of it may still come. */
  #close(flow: Flow, reason: CloseReason, nowUs: number, nowSec: number, isRemembered: boolean): void {
    this.#reassembler.flush(flow, nowUs);
    const isLeftOut = flow.leftOut !== LEFT_OUT.no;
    if (isRemembered) this.#registry.bury(flow, nowSec);
    else this.#registry.remove(flow);
    flow.state = FLOW_CLOSED;
    this.#counters.connectionsOpen -= 1;
    // What was given up last may have been all that stood before the FINs.
    if (!isLeftOut) this.#handler.onClose(flow, flow.isFinished ? 'fin' : reason, nowUs);
    flow.session = null;
  }
}

function isKnown(flow: Flow): boolean {
  return flow.client.isKnown && flow.server.isKnown;
}

/** Learns where the halves start: from SYN and SYN-ACK, from the first segment, from the first acknowledgement. */
function start(flow: Flow, segment: Segment): void {
  const half = segment.fromClient ? flow.client : flow.server;
  const peer = segment.fromClient ? flow.server : flow.client;
  const isSyn = (segment.flags & SYN) !== 0;
  // The SYN occupies the sequence number before the first byte.
  if (isSyn) segment.seq = (segment.seq + 1) | 0;
  if (!half.isKnown) {
    half.start(segment.seq);
    half.hasSyn = isSyn;
  }
  if ((segment.flags & ACK) === 0) segment.ack = peer.next;
  else if (!peer.isKnown) peer.start(segment.ack);
  if (half.isKnown && peer.isKnown) flow.state = FLOW_ESTABLISHED;
}
