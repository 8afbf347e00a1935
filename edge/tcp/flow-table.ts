// Hot path
import type { Connection } from './connection.ts';
import type { FlowLimits } from './flow-limits.ts';
import { FlowRegistry } from './flow-registry.ts';
import { FLOW_FIELD, NO_ROW } from './flow-rows.ts';
import { type Admit, FlowTracker } from './flow-tracker.ts';
import { LEFT_OUT } from './left-out.ts';
import { ACK, FIN, RST, Segment, SYN } from './segment.ts';
import { ServerPorts } from './server-ports.ts';
import type { StreamHandler } from './stream-handler.ts';
import { TcpCounters } from './tcp-counters.ts';

/** Header bytes that must be there: ports, sequence and acknowledgement numbers, offset, flags. */
const NEEDED_HEADER_BYTES = 14;
/** Holes are looked at so often in capture time. */
const SWEEP_US = 10_000;
/** ... and less often where very many wait, so that holes in every connection cannot take all the time (a look costs up to 0.4 µs). */
const SWEEP_US_PER_FLOW = 4;
/** The capture's clock stepped back: more than this is no reordering of packets. */
const CLOCK_STEP_US = 1_000_000;

/**
 * Follows the TCP connections of the watched server ports and hands their bytes on in causal order. Time is the
 * packets' own, helped by `tick` where packets stop coming. Memory is bounded by the limits.
 */
export class FlowTable {
  readonly counters = new TcpCounters();
  readonly #ports: ServerPorts;
  readonly #handler: StreamHandler;
  readonly #registry: FlowRegistry;
  readonly #tracker: FlowTracker;
  readonly #segment = new Segment();
  #nextSweepUs = 0;
  #earliestUs = 0;
  /** Modulo 2^32. */
  #nowSec = 0;

  /**
   * @param options.ports Server ports, 1 to 65535; a segment of no such port is ignored.
   * @param options.admit Asked once for each connection that opens; the handler never hears of one that is left out.
   */
  constructor(options: { ports: readonly number[]; handler: StreamHandler; limits: FlowLimits; admit?: Admit }) {
    this.#ports = new ServerPorts(options.ports);
    this.#handler = options.handler;
    this.#registry = new FlowRegistry(options.limits.maxConnections, options.limits.idleUs);
    this.#tracker = new FlowTracker(
      this.#registry,
      options.handler,
      options.limits,
      this.counters,
      options.admit ?? (() => LEFT_OUT.no),
    );
  }

  /**
   * One TCP segment.
   * @param bytes Valid only during the call.
   * @param addressAt Offset of the source address; the destination follows it (4 or 16 bytes each).
   * @param tcpAt Offset of the TCP header.
   * @param capturedEnd Offset after the last captured byte.
   * @param wireEnd Where the segment would end had the capture cut nothing; at least `capturedEnd`.
   */
  segment(
    bytes: Buffer,
    addressAt: number,
    isIpv6: boolean,
    tcpAt: number,
    capturedEnd: number,
    wireEnd: number,
    timeUs: number,
  ): void {
    if (timeUs >= this.#nextSweepUs || timeUs < this.#earliestUs) this.tick(timeUs);
    const counters = this.counters;
    if (capturedEnd - tcpAt < NEEDED_HEADER_BYTES) {
      if (wireEnd - tcpAt < 20) counters.malformed += 1;
      else counters.cutHeader += 1;
      return;
    }
    const sourcePort = (bytes[tcpAt]! << 8) | bytes[tcpAt + 1]!;
    const destinationPort = (bytes[tcpAt + 2]! << 8) | bytes[tcpAt + 3]!;
    const toServer = this.#ports.has(destinationPort);
    const fromServer = this.#ports.has(sourcePort);
    if (!toServer && !fromServer) {
      counters.otherPort += 1;
      return;
    }
    const dataAt = tcpAt + ((bytes[tcpAt + 12]! >> 4) << 2);
    const length = wireEnd - dataAt;
    if (dataAt < tcpAt + 20 || length < 0) {
      counters.malformed += 1;
      return;
    }
    counters.segments += 1;
    const flags = bytes[tcpAt + 13]!;
    const addressBytes = isIpv6 ? 16 : 4;
    const fromClient =
      toServer !== fromServer
        ? toServer
        : this.#isFromClient(bytes, addressAt, isIpv6, sourcePort, destinationPort, flags);
    const clientAt = fromClient ? addressAt : addressAt + addressBytes;
    const serverAt = fromClient ? addressAt + addressBytes : addressAt;
    const ports = fromClient ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    const { rows } = this.#registry;
    const row = this.#registry.find(bytes, clientAt, serverAt, ports, isIpv6);
    const seq = (bytes[tcpAt + 4]! << 24) | (bytes[tcpAt + 5]! << 16) | (bytes[tcpAt + 6]! << 8) | bytes[tcpAt + 7]!;
    const ack = (bytes[tcpAt + 8]! << 24) | (bytes[tcpAt + 9]! << 16) | (bytes[tcpAt + 10]! << 8) | bytes[tcpAt + 11]!;
    if (length > 0) counters.dataSegments += 1;

    if (row !== NO_ROW) {
      const { numbers } = rows;
      if (numbers[row + FLOW_FIELD.leftOut] !== LEFT_OUT.no && (flags & (FIN | SYN | RST)) === 0) {
        this.#tracker.leaveOut(rows.flow(row), length, this.#nowSec);
        return;
      }
      const nextAt = row + (fromClient ? FLOW_FIELD.clientNext : FLOW_FIELD.serverNext);
      const peerNextAt = row + (fromClient ? FLOW_FIELD.serverNext : FLOW_FIELD.clientNext);
      if (
        numbers[row + FLOW_FIELD.isFast] === 1 &&
        (flags & (FIN | SYN | RST | ACK)) === ACK &&
        capturedEnd === wireEnd &&
        seq === numbers[nextAt] &&
        ((ack - numbers[peerNextAt]!) | 0) <= 0
      ) {
        numbers[row + FLOW_FIELD.packets]! += 1;
        if (numbers[row + FLOW_FIELD.lastSeenSec] !== this.#nowSec || numbers[row + FLOW_FIELD.hasData] === 0)
          this.#registry.touch(rows.flow(row), this.#nowSec, length > 0);
        if (length > 0) {
          numbers[nextAt]! += length;
          counters.deliveredBytes += length;
          this.#handler.onData(rows.flow(row), fromClient, bytes, dataAt, wireEnd, timeUs);
        }
        return;
      }
    }
    const segment = this.#segment;
    segment.fromClient = fromClient;
    segment.flags = flags;
    segment.seq = seq;
    segment.ack = ack;
    segment.bytes = bytes;
    segment.dataAt = dataAt;
    segment.captured = Math.max(0, Math.min(capturedEnd, wireEnd) - dataAt);
    segment.length = length;
    segment.timeUs = timeUs;
    segment.isIpv6 = isIpv6;
    segment.clientAt = clientAt;
    segment.serverAt = serverAt;
    segment.ports = ports;
    if (segment.captured < length) counters.cutSegments += 1;
    this.#tracker.segment(row === NO_ROW ? null : rows.flow(row), segment, this.#nowSec);
  }

  /** Drives time: gives up holes that are due, closes idle connections. Call it about ten times a second in live captures, never with a clock other than the packets'. */
  tick(nowUs: number): void {
    if (nowUs < this.#nextSweepUs && nowUs >= this.#earliestUs) return;
    this.#nextSweepUs = nowUs + SWEEP_US + this.#tracker.waitingFlows * SWEEP_US_PER_FLOW;
    this.#earliestUs = nowUs - CLOCK_STEP_US;
    this.#nowSec = Math.floor(nowUs / 1_000_000) | 0;
    this.#tracker.sweep(nowUs, this.#nowSec);
  }

  /**
   * Closes open connections for the handler (`shed`) and leaves them out from now on.
   * @returns How many.
   */
  shed(chosen: (connection: Connection) => boolean, nowUs: number): number {
    return this.#tracker.shed(chosen, nowUs);
  }

  /** The input ended: reports what is missing, delivers what is held, closes every connection. */
  end(nowUs: number): void {
    this.#tracker.closeAll(nowUs, this.#nowSec);
  }

  #isFromClient(
    bytes: Buffer,
    addressAt: number,
    isIpv6: boolean,
    sourcePort: number,
    destinationPort: number,
    flags: number,
  ): boolean {
    if ((flags & SYN) !== 0) return (flags & ACK) === 0;
    const otherAt = addressAt + (isIpv6 ? 16 : 4);
    const asClient = (sourcePort << 16) | destinationPort;
    if (this.#registry.find(bytes, addressAt, otherAt, asClient, isIpv6) !== NO_ROW) return true;
    const asServer = (destinationPort << 16) | sourcePort;
    if (this.#registry.find(bytes, otherAt, addressAt, asServer, isIpv6) !== NO_ROW) return false;
    return destinationPort <= sourcePort;
  }
}
