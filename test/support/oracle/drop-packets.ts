const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;

/** One half-connection's bytes that were taken out, as spans of sequence numbers. */
export interface Dropped {
  readonly capture: Buffer;
  readonly packets: number;
  /** `client port` + ` ` + event time of the packet in ISO 8601 with µs, of dropped packets of clients that hold data. */
  readonly requests: ReadonlySet<string>;
  /** Missing bytes that the rest of the capture shows to be missing, by `client port` + ` >` or ` <` (from the server). */
  readonly missing: ReadonlyMap<string, number>;
}

interface Packet {
  readonly start: number;
  readonly end: number;
  readonly half: string;
  readonly time: string;
  readonly seq: number;
  readonly length: number;
  readonly ack: number;
  readonly isDropped: boolean;
}

/**
 * Takes packets out of a capture of Ethernet and IPv4 (pcap, µs, little endian, as tcpdump writes it).
 * @param share Of all packets, 0 to 1. @param seed The same seed drops the same packets.
 */
export function dropPackets(capture: Buffer, serverPort: number, share: number, seed: number): Dropped {
  const random = generator(seed);
  const packets: Packet[] = [];
  for (let at = FILE_HEADER_BYTES; at < capture.length; ) {
    const packet = packetAt(capture, at, serverPort, random() < share);
    packets.push(packet);
    at = packet.end;
  }
  const kept = packets.filter((packet) => !packet.isDropped);
  const dropped = packets.filter((packet) => packet.isDropped);
  const requests = dropped.filter((packet) => packet.half.endsWith('>') && packet.length > 0);
  return {
    capture: Buffer.concat([
      capture.subarray(0, FILE_HEADER_BYTES),
      ...kept.map((packet) => capture.subarray(packet.start, packet.end)),
    ]),
    packets: dropped.length,
    requests: new Set(requests.map((packet) => `${packet.half.slice(0, -2)} ${packet.time}`)),
    missing: missingBytes(kept, dropped),
  };
}

/**
 * Dropped bytes behind the first that is still there of their half-connection and before the last that it or its peer
 * shows to exist; the clean capture must hold every byte once.
 */
function missingBytes(kept: readonly Packet[], dropped: readonly Packet[]): Map<string, number> {
  const missing = new Map<string, number>();
  for (const packet of dropped) {
    if (packet.length === 0) continue;
    const own = kept.filter((other) => other.half === packet.half);
    const peer = kept.filter((other) => other.half === peerOf(packet.half));
    const isAfterStart = own.some((other) => isAtOrBefore(other.seq, packet.seq));
    const isBeforeEnd =
      own.some((other) => !isAtOrBefore(other.seq, packet.seq)) ||
      peer.some((other) => isAtOrBefore(packet.seq + packet.length, other.ack));
    if (isAfterStart && isBeforeEnd) missing.set(packet.half, (missing.get(packet.half) ?? 0) + packet.length);
  }
  return missing;
}

/** Of sequence numbers, which wrap at 2^32. */
function isAtOrBefore(left: number, right: number): boolean {
  return ((right - left) | 0) >= 0;
}

function peerOf(half: string): string {
  return half.slice(0, -1) + (half.endsWith('>') ? '<' : '>');
}

function packetAt(capture: Buffer, at: number, serverPort: number, isDropped: boolean): Packet {
  const ipStart = at + RECORD_HEADER_BYTES + ETHERNET_BYTES;
  const tcp = ipStart + 4 * (capture[ipStart]! & 0x0f);
  const from = capture.readUInt16BE(tcp);
  const to = capture.readUInt16BE(tcp + 2);
  const micros = capture.readUInt32LE(at) * 1e6 + capture.readUInt32LE(at + 4);
  const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1);
  const end = at + RECORD_HEADER_BYTES + capture.readUInt32LE(at + 8);
  // Ethernet pads short frames, so the length is that of the IP header.
  const ipEnd = ipStart + (capture.readUInt16BE(ipStart + 2) || end - ipStart);
  return {
    start: at,
    end,
    half: to === serverPort ? `${from} >` : `${to} <`,
    time: `${seconds}${String(micros % 1000).padStart(3, '0')}Z`,
    seq: capture.readUInt32BE(tcp + 4),
    length: ipEnd - tcp - 4 * (capture[tcp + 12]! >> 4),
    ack: capture.readUInt32BE(tcp + 8),
    isDropped,
  };
}

/** Mulberry32, a small generator that is the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
