import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * Writes the capture the benchmarks read: point selects of sysbench's shape over a few connections, a packet for the request
 * and one for the response, in-order, as on a quiet wire. Deterministic.
 *
 *   npx tsx bench/make-capture.ts OUT.pcap [--statements 400000] [--connections 16]
 */
interface Peer {
  clientIp: number;
  clientPort: number;
  clientSeq: number;
  serverSeq: number;
}

const SERVER_PORT = 3306;
const PORTS_PER_CLIENT = 20_000;
const CLIENT_IP = 0x0a4d0001;
const SERVER_IP = 0x0a4e0001;
const START_US = 1_767_225_600_000_000;
const MARIADB_CAPABILITIES = 0x1 | 0x2 | 0x4 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x10000 | 0x20000 | 0x80000 | 0x1000000;

async function makeCapture(path: string, statements: number, connections: number): Promise<void> {
  const out = createWriteStream(path, { highWaterMark: 1 << 22 });
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  out.write(header);
  let timeUs = START_US;
  const peers = Array.from({ length: connections }, (_, i) => ({
    clientIp: CLIENT_IP + Math.floor(i / PORTS_PER_CLIENT),
    clientPort: 40_000 + (i % PORTS_PER_CLIENT),
    clientSeq: 1_000,
    serverSeq: 5_000,
  }));
  for (const [i, peer] of peers.entries()) for (const frame of opening(peer, i + 1)) out.write(record(timeUs++, frame));
  for (let i = 0; i < statements; i++) {
    const peer = peers[i % connections]!;
    const id = (i * 7919) % 1_000_000;
    const request = record(timeUs, segment(peer, true, query(`SELECT c FROM sbtest${1 + (i % 10)} WHERE id=${id}`)));
    const response = record(timeUs + 120, segment(peer, false, ROW_RESPONSE));
    timeUs += 15;
    if (!out.write(Buffer.concat([request, response]))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

function opening(peer: Peer, threadId: number): Buffer[] {
  const syn = segment(peer, true, Buffer.alloc(0), 0x02);
  peer.clientSeq++;
  const synAck = segment(peer, false, Buffer.alloc(0), 0x12);
  peer.serverSeq++;
  const greeting = Buffer.concat([
    Buffer.from('\x0a8.0.36\0'),
    u32(threadId),
    Buffer.from('abcdefgh\0'),
    u16(MARIADB_CAPABILITIES & 0xffff),
    Buffer.from([45]),
    u16(2),
    u16(MARIADB_CAPABILITIES >>> 16),
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('ijklmnopqrst\0mysql_native_password\0'),
  ]);
  const login = Buffer.concat([
    u32(MARIADB_CAPABILITIES),
    u32(1 << 24),
    Buffer.from([45]),
    Buffer.alloc(23),
    Buffer.from('sbtest\0'),
    Buffer.from([20]),
    Buffer.alloc(20, 0x11),
    Buffer.from('sbtest\0mysql_native_password\0'),
  ]);
  return [
    syn,
    synAck,
    segment(peer, false, packet(greeting, 0)),
    segment(peer, true, packet(login, 1)),
    segment(peer, false, packet(Buffer.from([0, 0, 0, 2, 0, 0, 0]), 2)),
  ];
}

function query(sql: string): Buffer {
  return packet(Buffer.concat([Buffer.from([3]), Buffer.from(sql)]), 0);
}

const ROW_RESPONSE = (() => {
  const name = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const column = Buffer.concat([
    ...['def', 'sbtest', 'sbtest1', 'sbtest1', 'c', 'c'].map(name),
    Buffer.from([0x0c, 45, 0, 0xe0, 1, 0, 0, 0xfe, 0, 0, 0, 0, 0]),
  ]);
  return Buffer.concat([
    packet(Buffer.from([1]), 1),
    packet(column, 2),
    packet(
      name(
        '68487932199-96439406143-93774651418-41631865787-96406072701-20604855487-25459966574-28203206787-41238978918-19503783441',
      ),
      3,
    ),
    packet(Buffer.from([0xfe, 0, 0, 2, 0, 0, 0]), 4),
  ]);
})();

function packet(payload: Buffer, sequenceId: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequenceId;
  return Buffer.concat([header, payload]);
}

function segment(peer: Peer, fromClient: boolean, data: Buffer, flags = 0x18): Buffer {
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

function record(timeUs: number, frame: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(timeUs / 1_000_000), 0);
  header.writeUInt32LE(timeUs % 1_000_000, 4);
  header.writeUInt32LE(frame.length, 8);
  header.writeUInt32LE(frame.length, 12);
  return Buffer.concat([header, frame]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { statements: { type: 'string', default: '400000' }, connections: { type: 'string', default: '16' } },
});
const [file] = positionals;
if (file === undefined) throw new Error('usage: make-capture.ts OUT.pcap [--statements N] [--connections N]');
await makeCapture(file, Number(values.statements), Number(values.connections));
