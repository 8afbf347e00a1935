import { CaptureReader } from '../../../edge/sources/capture-reader.ts';

export interface ReadPacket {
  readonly hex: string;
  readonly originalBytes: number;
  readonly timeUs: number;
  readonly linkType: number;
}

/** Reads a capture in chunks of the given lengths, the last one repeated, and gives what was delivered. */
export function readAll(capture: Buffer, chunkBytes: readonly number[] = [capture.length || 1]) {
  const packets: ReadPacket[] = [];
  const reader = new CaptureReader('test.pcap', (bytes, start, end, originalBytes, timeUs, linkType) => {
    packets.push({ hex: bytes.toString('hex', start, end), originalBytes, timeUs, linkType });
  });
  // One reused buffer, as the file source has: what is kept of it must have been copied.
  const buffer = Buffer.alloc(Math.max(...chunkBytes));
  let error: unknown = null;
  try {
    for (let at = 0, i = 0; at < capture.length; i++) {
      const length = Math.min(chunkBytes[Math.min(i, chunkBytes.length - 1)] ?? 1, capture.length - at);
      capture.copy(buffer, 0, at, at + length);
      reader.push(buffer, length);
      buffer.fill(0xee);
      at += length;
    }
    reader.end();
  } catch (thrown) {
    error = thrown;
  }
  return { packets, reader, error };
}
