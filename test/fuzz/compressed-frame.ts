import { deflateSync } from 'node:zlib';

/** One frame of the compressed protocol; `isStored`: as it is. */
export function compressedFrame(sequenceId: number, plain: Buffer, isStored = false): Buffer {
  const payload = isStored ? plain : deflateSync(plain);
  const header = Buffer.alloc(7);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequenceId & 0xff;
  header.writeUIntLE(isStored ? 0 : plain.length, 4, 3);
  return Buffer.concat([header, payload]);
}

/** A frame of zstd: one raw block of less than 256 bytes with the content's size in the header (RFC 8878 3.1.1). */
export function zstdFrame(sequenceId: number, plain: Buffer): Buffer {
  const size = (plain.length << 3) | 1;
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, plain.length, size & 0xff, (size >> 8) & 0xff, size >> 16]);
  const header = Buffer.alloc(7);
  header.writeUIntLE(head.length + plain.length, 0, 3);
  header[3] = sequenceId & 0xff;
  header.writeUIntLE(plain.length, 4, 3);
  return Buffer.concat([header, head, plain]);
}
