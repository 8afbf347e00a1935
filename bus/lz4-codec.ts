import { compressFrame, decompressFrame } from 'lz4-napi';

/** Kafka's LZ4 is the LZ4 frame format. Both run on libuv's threads. */
export const lz4Codec = {
  compress: (encoder: { buffer: Buffer }): Promise<Buffer> => compressFrame(encoder.buffer),
  decompress: (buffer: Buffer): Promise<Buffer> => decompressFrame(buffer),
};
