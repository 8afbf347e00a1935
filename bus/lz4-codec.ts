import { compressFrame, compressFrameSync, decompressFrame } from 'lz4-napi';

/** A batch up to this is compressed sooner than another thread takes it up: 5 µs for 2 KiB, against 30. */
const SMALL_BYTES = 32 * 1024;

/** Kafka's LZ4 is the LZ4 frame format. What is not small runs on libuv's threads. */
export const lz4Codec = {
  compress: async (encoder: { buffer: Buffer }): Promise<Buffer> =>
    encoder.buffer.length <= SMALL_BYTES ? compressFrameSync(encoder.buffer) : compressFrame(encoder.buffer),
  decompress: (buffer: Buffer): Promise<Buffer> => decompressFrame(buffer),
};
