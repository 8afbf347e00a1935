import { isIPv4, isIPv6 } from 'node:net';

/**
 * The header that a proxy puts in front of the client's stream to name the real client.
 * https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 *
 *   v1: "PROXY" TCP4|TCP6|UNKNOWN [source destination source-port destination-port] CR LF, at most 107 bytes
 *   v2: 0d0a0d0a000d0a515549540a · 1 version and command · 1 family · 2 length (big-endian) · addresses · extensions
 */
export interface ProxyHeader {
  /** Bytes of the header. */
  readonly bytes: number;
  /** 16 bytes, IPv4 as ::ffff:a.b.c.d; null where the proxy speaks for itself or does not say. */
  readonly address: Buffer | null;
  readonly port: number;
}

const V1 = Buffer.from('PROXY ');
const V1_MAX_BYTES = 107;
const V2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V2_FIXED_BYTES = 16;

/** @returns The header at `start`; `more` where these bytes may be the beginning of one; `none` where they cannot. */
export function readProxyHeader(bytes: Buffer, start: number, end: number): ProxyHeader | 'more' | 'none' {
  if (beginsWith(V2, bytes, start, end)) return end - start < V2_FIXED_BYTES ? 'more' : readV2(bytes, start, end);
  if (beginsWith(V1, bytes, start, end)) return readV1(bytes, start, end);
  return 'none';
}

function beginsWith(signature: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const length = Math.min(signature.length, end - start);
  return length > 0 && signature.compare(bytes, start, start + length, 0, length) === 0;
}

function readV1(bytes: Buffer, start: number, end: number): ProxyHeader | 'more' | 'none' {
  const line = bytes.toString('latin1', start, Math.min(end, start + V1_MAX_BYTES));
  const length = line.indexOf('\r\n');
  if (length < 0) return line.length < V1_MAX_BYTES ? 'more' : 'none';
  const [, family, source = '', , port = ''] = line.slice(0, length).split(' ');
  const known = (family === 'TCP4' && isIPv4(source)) || (family === 'TCP6' && isIPv6(source));
  return { bytes: length + 2, address: known ? addressOf(source) : null, port: Number(port) & 0xffff };
}

function readV2(bytes: Buffer, start: number, end: number): ProxyHeader | 'more' | 'none' {
  const command = bytes[start + 12]!;
  const family = bytes[start + 13]! >> 4;
  const body = start + V2_FIXED_BYTES;
  const length = bytes.readUInt16BE(start + 14);
  if (command >> 4 !== 2) return 'none';
  if (body + length > end) return 'more';
  const whole = V2_FIXED_BYTES + length;
  const isProxied = (command & 0x0f) === 1;
  if (isProxied && family === 1 && length >= 12) {
    return { bytes: whole, address: mapped(bytes.subarray(body, body + 4)), port: bytes.readUInt16BE(body + 8) };
  }
  if (isProxied && family === 2 && length >= 36) {
    return { bytes: whole, address: Buffer.from(bytes.subarray(body, body + 16)), port: bytes.readUInt16BE(body + 32) };
  }
  return { bytes: whole, address: null, port: 0 };
}

function mapped(ipv4: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('00000000000000000000ffff', 'hex'), ipv4]);
}

/** A valid address as 16 bytes. */
function addressOf(text: string): Buffer {
  if (isIPv4(text)) return mapped(Buffer.from(text.split('.').map(Number)));
  // An IPv4 tail (::ffff:1.2.3.4) as two groups.
  const tail = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const groups =
    tail === null ? text : `${text.slice(0, tail.index) + hexPair(tail[1]!, tail[2]!)}:${hexPair(tail[3]!, tail[4]!)}`;
  const [head = '', rest] = groups.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = rest === undefined || rest === '' ? [] : rest.split(':');
  const address = Buffer.alloc(16);
  for (const [i, group] of front.entries()) address.writeUInt16BE(Number.parseInt(group, 16), i * 2);
  for (const [i, group] of back.entries())
    address.writeUInt16BE(Number.parseInt(group, 16), 16 - (back.length - i) * 2);
  return address;
}

function hexPair(high: string, low: string): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}
