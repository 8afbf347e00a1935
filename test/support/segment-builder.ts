/** Flags of a TCP header. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** A TCP segment to build; addresses and ports default to a client 10.0.0.1:40000 and a server 10.0.0.2:3306. */
export interface SegmentSpec {
  /** Who sends it: swaps addresses and ports. Default true. */
  fromClient?: boolean;
  seq?: number;
  ack?: number;
  /** Default ACK. */
  flags?: number;
  data?: Uint8Array | string;
  clientPort?: number;
  serverPort?: number;
  /** `10.0.0.1`, or eight groups of IPv6 without abbreviation. */
  clientAddress?: string;
  serverAddress?: string;
  /** Bytes of TCP options, a multiple of 4. */
  options?: Uint8Array;
}

/** The TCP header with options and data. The checksum is left 0: nothing looks at it. */
export function tcpSegment(spec: SegmentSpec): Buffer {
  const data = Buffer.from(spec.data ?? '');
  const options = spec.options ?? new Uint8Array(0);
  const header = Buffer.alloc(20);
  const fromClient = spec.fromClient ?? true;
  const clientPort = spec.clientPort ?? 40_000;
  const serverPort = spec.serverPort ?? 3306;
  header.writeUInt16BE(fromClient ? clientPort : serverPort, 0);
  header.writeUInt16BE(fromClient ? serverPort : clientPort, 2);
  header.writeUInt32BE((spec.seq ?? 0) >>> 0, 4);
  header.writeUInt32BE((spec.ack ?? 0) >>> 0, 8);
  header[12] = ((20 + options.length) / 4) << 4;
  header[13] = spec.flags ?? ACK;
  header.writeUInt16BE(65_535, 14);
  return Buffer.concat([header, options, data]);
}

/** An address as 4 or 16 bytes. */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const bytes = Buffer.alloc(16);
  for (const [i, group] of address.split(':').entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i);
  return bytes;
}

export interface Ipv4Options {
  protocol?: number;
  id?: number;
  /** Flags and fragment offset as in the header. */
  fragment?: number;
  options?: Uint8Array;
  /** Overrides the total length. */
  totalBytes?: number;
}

export function ipv4(source: string, destination: string, payload: Uint8Array, fields: Ipv4Options = {}): Buffer {
  const options = fields.options ?? new Uint8Array(0);
  const header = Buffer.alloc(20);
  header[0] = 0x40 | ((20 + options.length) / 4);
  header.writeUInt16BE(fields.totalBytes ?? 20 + options.length + payload.length, 2);
  header.writeUInt16BE(fields.id ?? 0, 4);
  header.writeUInt16BE(fields.fragment ?? 0x4000, 6);
  header[8] = 64;
  header[9] = fields.protocol ?? 6;
  addressBytes(source).copy(header, 12);
  addressBytes(destination).copy(header, 16);
  return Buffer.concat([header, options, payload]);
}

/** @param nextHeader Of the payload, which starts with the extension headers if there are any. */
export function ipv6(
  source: string,
  destination: string,
  payload: Uint8Array,
  nextHeader = 6,
  payloadBytes = payload.length,
): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(payloadBytes, 4);
  header[6] = nextHeader;
  header[7] = 64;
  addressBytes(source).copy(header, 8);
  addressBytes(destination).copy(header, 24);
  return Buffer.concat([header, payload]);
}

/** The segment in its IP packet, of the version of its addresses. */
export function ipPacket(spec: SegmentSpec): Buffer {
  const client = spec.clientAddress ?? '10.0.0.1';
  const server = spec.serverAddress ?? '10.0.0.2';
  const [source, destination] = (spec.fromClient ?? true) ? [client, server] : [server, client];
  const payload = tcpSegment(spec);
  return client.includes(':') ? ipv6(source, destination, payload) : ipv4(source, destination, payload);
}

/** @param tags EtherTypes and contents in front of the payload's own type, e.g. `8100 0064`. */
export function ethernet(payload: Uint8Array, etherType = 0x0800, tags = ''): Buffer {
  const type = Buffer.alloc(2);
  type.writeUInt16BE(etherType);
  const addresses = Buffer.from('020000000002020000000001', 'hex');
  return Buffer.concat([addresses, Buffer.from(tags.replaceAll(' ', ''), 'hex'), type, payload]);
}

/** The segment as an Ethernet frame. */
export function frame(spec: SegmentSpec): Buffer {
  return ethernet(ipPacket(spec), (spec.clientAddress ?? '').includes(':') ? 0x86dd : 0x0800);
}
