// Hot path
import type { FlowTable } from '../tcp/flow-table.ts';
import { FragmentTable } from './fragment-table.ts';
import { IPV6_FRAGMENT, Ipv6Extensions } from './ipv6-extensions.ts';
import { findIp } from './link-layer.ts';
import { PacketCounters } from './packet-counters.ts';
import { ipBehindTunnel, maybeTunnel } from './tunnel.ts';
import { CUT, MALFORMED, NOT_IP, NOT_TCP, UNKNOWN_LINK } from './verdict.ts';

const TCP = 6;
/** Tunnels inside each other that are opened: a mirror of an overlay that carries tunnels of tenants has three. */
const MAX_TUNNELS = 4;

/**
 * Finds the TCP segment of a frame, inside tunnels too, and hands it to the flow table. `packet` has the shape of a PacketHandler.
 * Never throws on any bytes; what it cannot use is counted by reason. Checksums are not looked at: a capturing host
 * sees its own packets before the network card fills them in.
 */
export class PacketDecoder {
  readonly counters = new PacketCounters();
  readonly #flowTable: FlowTable;
  readonly #fragments = new FragmentTable(this.counters);
  readonly #extensions = new Ipv6Extensions();

  constructor(flowTable: FlowTable) {
    this.#flowTable = flowTable;
  }

  /** One captured frame; see PacketHandler for the parameters. */
  packet(bytes: Buffer, start: number, end: number, originalBytes: number, timeUs: number, linkType: number): void {
    this.counters.packets += 1;
    const ipAt = findIp(bytes, start, end, linkType);
    if (ipAt < 0) {
      if (ipAt === UNKNOWN_LINK) this.counters.unknownLinkType = linkType;
      this.#ignore(ipAt);
      return;
    }
    const frameEnd = Math.max(end, start + originalBytes);
    this.#ip(bytes, ipAt, end, frameEnd, timeUs, 0);
  }

  /** Drives time where packets stop coming; see FlowTable.tick. */
  tick(nowUs: number): void {
    this.#fragments.expire(nowUs);
    this.#flowTable.tick(nowUs);
  }

  /** The input ended: what waits for more is given up, every connection is closed. */
  end(nowUs: number): void {
    this.#fragments.clear();
    this.#flowTable.end(nowUs);
  }

  /** @param tunnels How many were opened to come here. */
  #ip(bytes: Buffer, at: number, end: number, frameEnd: number, timeUs: number, tunnels: number): void {
    const version = end > at ? bytes[at]! >> 4 : 0;
    if (version === 4) this.#ipv4(bytes, at, end, frameEnd, timeUs, tunnels);
    else if (version === 6) this.#ipv6(bytes, at, end, frameEnd, timeUs, tunnels);
    else this.#ignore(end > at ? MALFORMED : CUT);
  }

  #ipv4(bytes: Buffer, at: number, end: number, frameEnd: number, timeUs: number, tunnels: number): void {
    if (end - at < 20) {
      this.#ignore(frameEnd - at < 20 ? MALFORMED : CUT);
      return;
    }
    const headerEnd = at + ((bytes[at]! & 0x0f) << 2);
    const totalBytes = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    // Segmentation offload leaves the length of frames above 64 KiB, or of all, to the card: 0 means the whole frame.
    const wireEnd = totalBytes === 0 ? frameEnd : at + totalBytes;
    if (headerEnd < at + 20 || headerEnd > wireEnd) {
      this.#ignore(MALFORMED);
      return;
    }
    const protocol = bytes[at + 9]!;
    if (protocol !== TCP && !maybeTunnel(protocol)) {
      this.counters.notTcp += 1;
      return;
    }
    const capturedEnd = Math.min(end, wireEnd);
    const fragment = (bytes[at + 6]! << 8) | bytes[at + 7]!;
    if ((fragment & 0x3fff) === 0) {
      this.#payload(bytes, at + 12, false, protocol, headerEnd, capturedEnd, wireEnd, timeUs, tunnels);
      return;
    }
    if (capturedEnd < wireEnd) {
      this.#ignore(CUT);
      return;
    }
    const offset = (fragment & 0x1fff) * 8;
    const hasMore = (fragment & 0x2000) !== 0;
    const idAt = at + 4;
    const whole = this.#fragments.add(
      bytes,
      at + 12,
      8,
      idAt,
      2,
      protocol,
      headerEnd,
      wireEnd,
      offset,
      hasMore,
      timeUs,
    );
    if (whole === null) return;
    const datagram = whole.assembled();
    this.#payload(datagram, 0, false, protocol, 8, datagram.length, datagram.length, timeUs, tunnels);
  }

  #ipv6(bytes: Buffer, at: number, end: number, frameEnd: number, timeUs: number, tunnels: number): void {
    if (end - at < 40) {
      this.#ignore(frameEnd - at < 40 ? MALFORMED : CUT);
      return;
    }
    const payloadBytes = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    // 0 is a jumbogram (RFC 2675), which offload makes of merged segments: it reaches to the frame's end.
    const wireEnd = payloadBytes === 0 ? frameEnd : at + 40 + payloadBytes;
    const capturedEnd = Math.min(end, wireEnd);
    const extensions = this.#extensions;
    let headerAt = extensions.walk(bytes, at + 40, capturedEnd, wireEnd, bytes[at + 6]!);
    if (headerAt >= 0 && extensions.protocol === IPV6_FRAGMENT) {
      if (wireEnd - headerAt < 8 || capturedEnd - headerAt < 8) {
        this.#ignore(wireEnd - headerAt < 8 ? MALFORMED : CUT);
        return;
      }
      const nextHeader = bytes[headerAt]!;
      const field = (bytes[headerAt + 2]! << 8) | bytes[headerAt + 3]!;
      if ((field & 0xfff9) !== 0) {
        this.#ipv6Fragment(bytes, at, headerAt, capturedEnd, wireEnd, nextHeader, field, timeUs, tunnels);
        return;
      }
      // An atomic fragment (RFC 6946) is a whole datagram.
      headerAt = extensions.walk(bytes, headerAt + 8, capturedEnd, wireEnd, nextHeader);
    }
    if (headerAt < 0) this.#ignore(headerAt);
    else this.#payload(bytes, at + 8, true, extensions.protocol, headerAt, capturedEnd, wireEnd, timeUs, tunnels);
  }

  #ipv6Fragment(
    bytes: Buffer,
    at: number,
    fragmentAt: number,
    capturedEnd: number,
    wireEnd: number,
    nextHeader: number,
    field: number,
    timeUs: number,
    tunnels: number,
  ): void {
    const isExtension = nextHeader === 0 || nextHeader === 43 || nextHeader === 51 || nextHeader === 60;
    if (nextHeader !== TCP && !isExtension && !maybeTunnel(nextHeader)) {
      this.counters.notTcp += 1;
      return;
    }
    if (capturedEnd < wireEnd) {
      this.#ignore(CUT);
      return;
    }
    const start = fragmentAt + 8;
    const idAt = fragmentAt + 4;
    const hasMore = (field & 1) !== 0;
    const offset = field & 0xfff8;
    const whole = this.#fragments.add(bytes, at + 8, 32, idAt, 4, nextHeader, start, wireEnd, offset, hasMore, timeUs);
    if (whole === null) return;
    const datagram = whole.assembled();
    const end = datagram.length;
    const payloadAt = this.#extensions.walk(datagram, 32, end, end, whole.protocol);
    if (payloadAt < 0) this.#ignore(payloadAt);
    else this.#payload(datagram, 0, true, this.#extensions.protocol, payloadAt, end, end, timeUs, tunnels);
  }

  #payload(
    bytes: Buffer,
    addressAt: number,
    isIpv6: boolean,
    protocol: number,
    at: number,
    capturedEnd: number,
    wireEnd: number,
    timeUs: number,
    tunnels: number,
  ): void {
    if (protocol === TCP) {
      this.counters.tcpSegments += 1;
      this.#flowTable.segment(bytes, addressAt, isIpv6, at, capturedEnd, wireEnd, timeUs);
      return;
    }
    const ipAt = ipBehindTunnel(bytes, at, capturedEnd, protocol);
    if (ipAt < 0) {
      this.#ignore(ipAt === MALFORMED && capturedEnd < wireEnd ? CUT : ipAt);
    } else if (tunnels === MAX_TUNNELS) {
      this.counters.nestedTooDeep += 1;
    } else {
      if (tunnels === 0) this.counters.encapsulated += 1;
      // A mirror may have cut the packet it carries: then it says so itself, by a length beyond the carrier's end.
      this.#ip(bytes, ipAt, capturedEnd, wireEnd, timeUs, tunnels + 1);
    }
  }

  #ignore(reason: number): void {
    if (reason === NOT_IP) this.counters.notIp += 1;
    else if (reason === NOT_TCP) this.counters.notTcp += 1;
    else if (reason === UNKNOWN_LINK) this.counters.unknownLink += 1;
    else if (reason === CUT) this.counters.cutHeader += 1;
    else this.counters.malformed += 1;
  }
}
