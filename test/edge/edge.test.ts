import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Edge } from '../../edge/edge.ts';
import { CaptureReader } from '../../edge/sources/capture-reader.ts';
import { Decode } from '../../processors/decode/decode.ts';
import { AuditEvent } from '../../schemas/audit-event.ts';
import { auditSchema } from '../../schemas/audit-schema.ts';
import { decodeAll, rows } from '../support/conversation.ts';

interface Packet {
  readonly bytes: Buffer;
  readonly timeUs: number;
}

/** All packets of the recorded web shop. */
const PACKETS: Packet[] = (() => {
  const packets: Packet[] = [];
  const reader = new CaptureReader('demo/shop.pcap', (bytes, start, end, _original, timeUs) => {
    packets.push({ bytes: Buffer.from(bytes.subarray(start, end)), timeUs });
  });
  reader.push(readFileSync('demo/shop.pcap'));
  reader.end();
  return packets;
})();

function run(packets: readonly Packet[], linkType = 1) {
  const batches: Buffer[] = [];
  const edge = new Edge({
    origin: { edgeId: '', runUs: 0, serverId: 'db1' },
    ports: [3306],
    partitions: 3,
    onBatch: (_, batch) => batches.push(batch),
  });
  for (const { bytes, timeUs } of packets) edge.onPacket(bytes, 0, bytes.length, bytes.length, timeUs, linkType);
  edge.end(edge.lastPacketUs);
  return { edge, batches, outputs: decodeAll(batches, new Decode({ keepsRaw: true })) };
}

describe('the edge and what follows it', () => {
  it('gives every connection of a capture to one partition, whatever their number', () => {
    const { batches, outputs } = run(PACKETS);
    expect(batches.length).toBeGreaterThan(1);
    const commands = rows(outputs);
    expect(commands.length).toBeGreaterThan(300);
    for (const row of commands) expect(auditSchema.parse(row)).toEqual(row);
  });

  it('gives the same ids when the same packets are read again, and different ones to different commands', () => {
    const first = rows(run(PACKETS).outputs).map((row) => row.event_id);
    expect(rows(run(PACKETS).outputs).map((row) => row.event_id)).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });

  it('survives any bytes as packets of any link type', () => {
    const packet = fc.record({
      bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      timeUs: fc.nat(),
    });
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 20 }),
        fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276, 999),
        (packets, linkType) => {
          const { edge } = run(packets, linkType);
          expect(edge.packetCounters.packets).toBe(packets.length);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('survives real packets with bits flipped, ends cut, copies, losses and swaps, and still tells what it lost', () => {
    const change = fc.record({
      kind: fc.constantFrom('flip', 'cut', 'copy', 'drop', 'swap', 'splice'),
      at: fc.nat(PACKETS.length - 2),
      offset: fc.nat(1500),
      bit: fc.nat(7),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        const packets = [...PACKETS];
        for (const { kind, at, offset, bit } of changes) {
          const packet = packets[at];
          const next = packets[at + 1];
          if (packet === undefined || next === undefined) continue;
          const place = offset % Math.max(1, packet.bytes.length);
          if (kind === 'drop') packets.splice(at, 1);
          else if (kind === 'copy') packets.splice(at, 0, packet);
          else if (kind === 'swap') packets.splice(at, 2, next, packet);
          else {
            const bytes =
              kind === 'splice'
                ? Buffer.concat([packet.bytes.subarray(0, place), next.bytes])
                : Buffer.from(packet.bytes);
            if (kind === 'flip') bytes[place]! ^= 1 << bit;
            packets[at] = { bytes: kind === 'cut' ? bytes.subarray(0, place) : bytes, timeUs: packet.timeUs };
          }
        }
        const { outputs } = run(packets);
        expect(outputs.filter((output) => output instanceof AuditEvent).length).toBeGreaterThan(100);
      }),
      { numRuns: 60 },
    );
  });
});
