import { Framer } from '../../edge/framer/framer.ts';
import { MessageShipper } from '../../edge/framer/message-shipper.ts';
import { PacketDecoder } from '../../edge/packet/packet-decoder.ts';
import { CaptureReader } from '../../edge/sources/capture-reader.ts';
import { FlowTable } from '../../edge/tcp/flow-table.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { CaptureCase } from './capture-case.ts';

const MARGIN_BYTES = 64;

/** Reassembly's bounds as small as the captures, so that they are reached. */
const LIMITS = { maxConnections: 8, idleUs: 3600 * 1_000_000, heldBytesPerHalf: 4096, heldBytes: 8192 };
const PORTS = [3306, 3307, 3308, 33060, 4000, 5432];

/**
 * Reads a capture through the parts that `Edge` is made of, with small bounds. Each piece lies in a larger buffer filled with
 * `fill`, and the buffer is filled again after the piece: a read outside of it, or later, shows as a difference between fills.
 *
 * @returns The batches; those of what came before the damage where the capture is damaged.
 */
export function runCapture({ bytes, chunkBytes }: CaptureCase, fill: number): Buffer[] {
  const batches: Buffer[] = [];
  const shipper = new MessageShipper({ edgeId: '', runUs: 0, serverId: '' }, 1, 132 * 1024, (_partition, batch) =>
    batches.push(batch),
  );
  const framer = new Framer('', shipper);
  const packets = new PacketDecoder(new FlowTable({ ports: PORTS, handler: framer, limits: LIMITS }));
  let lastUs = 0;
  const reader = new CaptureReader('fuzz', (chunk, start, end, original, timeUs, linkType) => {
    lastUs = timeUs;
    packets.packet(chunk, start, end, original, timeUs, linkType);
  });
  try {
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const length = Math.min(bytes.length - at, chunkBytes[Math.min(i, chunkBytes.length - 1)]!);
      const chunk = Buffer.alloc(length + 2 * MARGIN_BYTES, fill);
      bytes.copy(chunk, MARGIN_BYTES, at, at + length);
      reader.push(chunk.subarray(MARGIN_BYTES, MARGIN_BYTES + length), length);
      chunk.fill(fill);
      at += length;
    }
    reader.end();
  } catch (error) {
    if (!(error instanceof SqltrailError && error.code === 'capture_format')) throw error;
  }
  packets.end(lastUs);
  shipper.flush();
  return batches;
}
