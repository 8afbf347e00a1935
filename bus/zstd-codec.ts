import { decompress } from 'fzstd';

/** Reads what other producers compressed with Zstandard; this one does not write it. */
export const zstdCodec = {
  compress: (): Promise<Buffer> => Promise.reject(new Error('Records are compressed with LZ4 only.')),
  decompress: async (bytes: Buffer): Promise<Buffer> => Buffer.from(decompress(bytes)),
};
