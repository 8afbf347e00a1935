import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';

const SERVER_PORT = 3306;
const PORTS_PER_CLIENT = 20_000;
const CLIENT_IP = 0x0a4d0001;
const SERVER_IP = 0x0a4e0001;
const CAPABILITIES = 0x1 | 0x2 | 0x4 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x10000 | 0x20000 | 0x80000 | 0x1000000;
const NO_BYTES = Buffer.alloc(0);

/** One end-to-end connection of a made capture: its addresses and where both streams stand. */
export interface WirePeer {
  readonly clientIp: number;
  readonly clientPort: number;
  clientSeq: number;
  serverSeq: number;
}

/** A pcap file made packet by packet, in order as on a quiet wire. Deterministic. */
export class WireCapture {
  readonly #out: WriteStream;

  /** @param path Replaced when it exists. */
  constructor(path: string) {
    this.#out = createWriteStream(path, { highWaterMark: 1 << 22 });
    const header = Buffer.alloc(24);
    header.writeUInt32LE(0xa1b2c3d4, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(262_144, 16);
    header.writeUInt32LE(1, 20);
    this.#out.write(header);
  }

  /** SYN, greeting, login as sbtest on sbtest, OK: five packets, 1 µs apart. @param index Gives address and port. */
  connect(index: number, threadId: number, timeUs: number): WirePeer {
    const peer: WirePeer = {
      clientIp: CLIENT_IP + Math.floor(index / PORTS_PER_CLIENT),
      clientPort: 40_000 + (index % PORTS_PER_CLIENT),
      clientSeq: 1_000,
      serverSeq: 5_000,
    };
    this.#record(timeUs, segment(peer, true, NO_BYTES, 0x02));
    peer.clientSeq++;
    this.#record(timeUs + 1, segment(peer, false, NO_BYTES, 0x12));
    peer.serverSeq++;
    this.#record(timeUs + 2, segment(peer, false, packet(greeting(threadId), 0)));
    this.#record(timeUs + 3, segment(peer, true, packet(login(), 1)));
    this.#record(timeUs + 4, segment(peer, false, packet(okPayload(0), 2)));
    return peer;
  }

  /** One segment with these bytes. */
  client(peer: WirePeer, bytes: Buffer, timeUs: number): void {
    this.#record(timeUs, segment(peer, true, bytes));
  }

  server(peer: WirePeer, bytes: Buffer, timeUs: number): void {
    this.#record(timeUs, segment(peer, false, bytes));
  }

  /** FIN of both sides. */
  disconnect(peer: WirePeer, timeUs: number): void {
    this.#record(timeUs, segment(peer, true, NO_BYTES, 0x11));
    peer.clientSeq++;
    this.#record(timeUs + 1, segment(peer, false, NO_BYTES, 0x11));
    peer.serverSeq++;
  }

  /** Resolves when more may be written. */
  async ready(): Promise<void> {
    if (this.#out.writableNeedDrain) await once(this.#out, 'drain');
  }

  async end(): Promise<void> {
    this.#out.end();
    await once(this.#out, 'close');
  }

  #record(timeUs: number, frame: Buffer): void {
    const header = Buffer.alloc(16);
    header.writeUInt32LE(Math.floor(timeUs / 1_000_000), 0);
    header.writeUInt32LE(timeUs % 1_000_000, 4);
    header.writeUInt32LE(frame.length, 8);
    header.writeUInt32LE(frame.length, 12);
    this.#out.write(Buffer.concat([header, frame]));
  }
}

/** A MySQL packet: header and payload. */
export function packet(payload: Buffer, sequenceId: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequenceId;
  return Buffer.concat([header, payload]);
}

/** Payload of an OK. @param affectedRows Below 2^24. */
export function okPayload(affectedRows: number): Buffer {
  const rows =
    affectedRows < 251
      ? Buffer.from([affectedRows])
      : Buffer.from([0xfd, affectedRows & 0xff, (affectedRows >>> 8) & 0xff, affectedRows >>> 16]);
  return Buffer.concat([Buffer.from([0]), rows, Buffer.from([0, 2, 0, 0, 0])]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function greeting(threadId: number): Buffer {
  return Buffer.concat([
    Buffer.from('\x0a8.0.36\0'),
    u32(threadId),
    Buffer.from('abcdefgh\0'),
    u16(CAPABILITIES & 0xffff),
    Buffer.from([45]),
    u16(2),
    u16(CAPABILITIES >>> 16),
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('ijklmnopqrst\0mysql_native_password\0'),
  ]);
}

function login(): Buffer {
  return Buffer.concat([
    u32(CAPABILITIES),
    u32(1 << 24),
    Buffer.from([45]),
    Buffer.alloc(23),
    Buffer.from('sbtest\0'),
    Buffer.from([20]),
    Buffer.alloc(20, 0x11),
    Buffer.from('sbtest\0mysql_native_password\0'),
  ]);
}

function segment(peer: WirePeer, fromClient: boolean, data: Buffer, flags = 0x18): Buffer {
  const frame = Buffer.alloc(14 + 20 + 20 + data.length);
  frame.write('020000000002020000000001', 0, 'hex');
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(40 + data.length, 16);
  frame[22] = 64;
  frame[23] = 6;
  frame.writeUInt32BE(fromClient ? peer.clientIp : SERVER_IP, 26);
  frame.writeUInt32BE(fromClient ? SERVER_IP : peer.clientIp, 30);
  frame.writeUInt16BE(fromClient ? peer.clientPort : SERVER_PORT, 34);
  frame.writeUInt16BE(fromClient ? SERVER_PORT : peer.clientPort, 36);
  frame.writeUInt32BE((fromClient ? peer.clientSeq : peer.serverSeq) >>> 0, 38);
  frame.writeUInt32BE((fromClient ? peer.serverSeq : peer.clientSeq) >>> 0, 42);
  frame[46] = 0x50;
  frame[47] = flags;
  frame.writeUInt16BE(65_535, 48);
  data.copy(frame, 54);
  if (fromClient) peer.clientSeq += data.length;
  else peer.serverSeq += data.length;
  return frame;
}
