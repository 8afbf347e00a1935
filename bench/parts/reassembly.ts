/**
 * Packets per second from frame to in-order delivery: 800,000 Ethernet/IPv4 frames in memory, 16 connections, requests
 * and responses in turn. Run: npx tsx bench/parts/reassembly.ts
 * With NODE_OPTIONS=--expose-gc also the memory of an idle connection.
 */
import { PacketDecoder } from '../../edge/packet/packet-decoder.ts';
import type { Connection } from '../../edge/tcp/connection.ts';
import { DEFAULT_FLOW_LIMITS } from '../../edge/tcp/flow-limits.ts';
import { FlowTable } from '../../edge/tcp/flow-table.ts';
import type { StreamHandler } from '../../edge/tcp/stream-handler.ts';
import { ACK, frame, SYN } from '../../test/support/segment-builder.ts';

const PACKETS = 800_000;
const CONNECTIONS = 16;
const ROUNDS = 7;

class CountingHandler implements StreamHandler {
  bytes = 0;
  gaps = 0;
  onOpen(_connection: Connection, _timeUs: number): void {}
  onData(_c: Connection, _fromClient: boolean, _bytes: Buffer, start: number, end: number, _timeUs: number): void {
    this.bytes += end - start;
  }
  onGap(_connection: Connection, _fromClient: boolean, missingBytes: number, _timeUs: number): void {
    this.gaps += missingBytes;
  }
  onClose(): void {}
}

interface Capture {
  readonly bytes: Buffer;
  readonly offsets: Int32Array;
  readonly dataBytes: number;
}

/** @param swapEvery Every so many packets, this and the next change places (0: never). */
function record(swapEvery: number): Capture {
  const frames: Buffer[] = [];
  let dataBytes = 0;
  const positions = Array.from({ length: CONNECTIONS }, (_, i) => ({ client: i * 1000 + 1, server: i * 77_777 + 1 }));
  for (const [i, p] of positions.entries()) {
    frames.push(frame({ clientPort: 40_000 + i, seq: p.client - 1, flags: SYN }));
    frames.push(
      frame({ clientPort: 40_000 + i, fromClient: false, seq: p.server - 1, ack: p.client, flags: SYN | ACK }),
    );
  }
  for (let i = 0; frames.length < PACKETS; i += 1) {
    const p = positions[i % CONNECTIONS]!;
    const request = Buffer.alloc(44 + (i % 7), 0x41);
    const response = Buffer.alloc(120 + (i % 13), 0x42);
    const clientPort = 40_000 + (i % CONNECTIONS);
    frames.push(frame({ clientPort, seq: p.client, ack: p.server, data: request }));
    p.client = (p.client + request.length) >>> 0;
    frames.push(frame({ clientPort, fromClient: false, seq: p.server, ack: p.client, data: response }));
    p.server = (p.server + response.length) >>> 0;
    dataBytes += request.length + response.length;
  }
  if (swapEvery > 0) {
    for (let i = 100; i + 1 < frames.length; i += swapEvery) {
      const first = frames[i]!;
      frames[i] = frames[i + 1]!;
      frames[i + 1] = first;
    }
  }
  const offsets = new Int32Array(frames.length + 1);
  for (const [i, one] of frames.entries()) offsets[i + 1] = offsets[i]! + one.length;
  return { bytes: Buffer.concat(frames), offsets, dataBytes };
}

function measure(name: string, capture: Capture): void {
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const handler = new CountingHandler();
    const table = new FlowTable({ ports: [3306], handler, limits: DEFAULT_FLOW_LIMITS });
    const decoder = new PacketDecoder(table);
    const { bytes, offsets } = capture;
    const count = offsets.length - 1;
    const started = process.hrtime.bigint();
    let timeUs = 1_700_000_000_000_000;
    for (let i = 0; i < count; i += 1) {
      const start = offsets[i]!;
      const end = offsets[i + 1]!;
      timeUs += 5;
      decoder.packet(bytes, start, end, end - start, timeUs, 1);
    }
    decoder.end(timeUs);
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    if (handler.bytes !== capture.dataBytes || handler.gaps !== 0) throw new Error(`${name}: not all was delivered`);
    best = Math.max(best, count / seconds);
  }
  process.stdout.write(`${name}: ${(best / 1e6).toFixed(1)} M packets/s (best of ${ROUNDS})\n`);
}

/** Heap and external memory of connections that are open and idle. */
function measureIdle(connections: number): void {
  const handler = new CountingHandler();
  const table = new FlowTable({ ports: [3306], handler, limits: DEFAULT_FLOW_LIMITS });
  const decoder = new PacketDecoder(table);
  globalThis.gc?.();
  const before = process.memoryUsage();
  for (let i = 0; i < connections; i += 1) {
    const client = { clientAddress: `10.1.${i % 200}.${(i >> 8) % 200}`, clientPort: 1024 + (i % 60_000) };
    for (const spec of [
      { ...client, seq: 99, flags: SYN },
      { ...client, fromClient: false, seq: 499, ack: 100, flags: SYN | ACK },
      { ...client, fromClient: false, seq: 500, ack: 100, data: 'greeting' },
      { ...client, seq: 100, ack: 508, data: 'login' },
    ]) {
      const one = frame(spec);
      decoder.packet(one, 0, one.length, one.length, 1_700_000_000_000_000 + i, 1);
    }
  }
  globalThis.gc?.();
  const after = process.memoryUsage();
  const used = after.heapUsed + after.external - before.heapUsed - before.external;
  const open = table.counters.connectionsOpen;
  process.stdout.write(`idle connection: ${Math.round(used / open)} bytes (${open} open; after a full collection)\n`);
}

measure('in order', record(0));
measure('every 50th pair swapped', record(50));
if (globalThis.gc) measureIdle(50_000);
