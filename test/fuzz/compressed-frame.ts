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
