import { inflateSync } from 'node:zlib';
import { decompress } from 'fzstd';

/** First byte of a zlib stream: deflate with a 32 KiB window (RFC 1950 2.2). */
const ZLIB_METHOD = 0x78;
/** RFC 8878 3.1.1: magic number of a Zstandard frame. */
const ZSTD_MAGIC = 0xfd2fb528;

/** Whether compressed data of one of the two algorithms of the protocol begins at `start`; needs at least two bytes there. */
export function isDeflated(bytes: Buffer, start: number, end: number): boolean {
  if (end - start >= 4 && bytes.readUInt32LE(start) === ZSTD_MAGIC) return true;
  return bytes[start] === ZLIB_METHOD && bytes.readUInt16BE(start) % 31 === 0;
}

/**
 * The plain bytes of a compressed payload, zlib or zstd by its own first bytes; null when they are not what the header says.
 * Never allocates more than the length that the header announces (at most 16 MiB), whatever the payload claims.
 */
export function inflate(payload: Buffer, plainBytes: number): Buffer | null {
  try {
    if (payload.length >= 4 && payload.readUInt32LE(0) === ZSTD_MAGIC) {
      // The decompressor leaves zeros where a frame holds less. Servers and clients compress in one call, which writes the size.
      const contentBytes = zstdContentBytes(payload);
      if (contentBytes >= 0 && contentBytes !== plainBytes) return null;
      const plain = Buffer.alloc(plainBytes);
      decompress(payload, plain);
      return plain;
    }
    const plain = inflateSync(payload, { maxOutputLength: plainBytes });
    return plain.length === plainBytes ? plain : null;
  } catch {
    // Both libraries throw on damaged data; here that is a loss to be counted.
    return null;
  }
}

/** Frame_Content_Size of a Zstandard frame, -1 where it is not written or cut off (RFC 8878 3.1.1.1). */
function zstdContentBytes(payload: Buffer): number {
  const descriptor = payload[4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const sizeFlag = descriptor >> 6;
  const bytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  if (bytes === 0 || at + bytes > payload.length) return -1;
  if (bytes === 8) return Number(payload.readBigUInt64LE(at));
  return payload.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}
