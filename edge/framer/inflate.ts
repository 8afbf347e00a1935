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
