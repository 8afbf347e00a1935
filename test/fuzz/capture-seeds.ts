import { readFileSync } from 'node:fs';
import { CaptureReader } from '../../edge/sources/capture-reader.ts';
import { SqltrailError } from '../../runtime/errors.ts';

export interface SeedPacket {
  readonly bytes: Buffer;
  readonly timeUs: number;
}

/** Packets of one capture with one link type, in order. */
export interface SeedCapture {
  readonly name: string;
  readonly linkType: number;
  readonly packets: readonly SeedPacket[];
}

const LARGEST_PACKET_BYTES = 1600;

/** The packets of a capture, by link type; very large ones are left out. */
export function readSeedCapture(path: string): SeedCapture[] {
  const byLink = new Map<number, SeedPacket[]>();
  const reader = new CaptureReader(path, (bytes, start, end, _original, timeUs, linkType) => {
    if (end - start > LARGEST_PACKET_BYTES) return;
    const packets = byLink.get(linkType) ?? [];
    byLink.set(linkType, packets);
    packets.push({ bytes: Buffer.from(bytes.subarray(start, end)), timeUs });
  });
  try {
    reader.push(readFileSync(path));
  } catch (error) {
    // What came before the damage is as good as any other seed.
    if (!(error instanceof SqltrailError)) throw error;
  }
  return [...byLink].map(([linkType, packets]) => ({ name: path, linkType, packets }));
}
