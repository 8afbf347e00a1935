import { SqltrailError } from '../runtime/errors.ts';

/** The block format of Snappy (google/snappy, format_description.txt), framed as Java's SnappyOutputStream does for Kafka. */
const FRAME_MAGIC = Buffer.from('82534e4150505900', 'hex');
const FRAME_HEADER_BYTES = 16;
/** More no batch of records comes to: brokers take 100 MiB in a request. */
const LARGEST_BYTES = 256 * 1_048_576;

/** Reads what other producers compressed with Snappy; this one does not write it. */
export const snappyCodec = {
  compress: (): Promise<Buffer> => Promise.reject(new Error('Records are compressed with LZ4 only.')),
  decompress: async (bytes: Buffer): Promise<Buffer> => {
    if (!bytes.subarray(0, FRAME_MAGIC.length).equals(FRAME_MAGIC)) return snappyBlock(bytes);
    const blocks: Buffer[] = [];
    let at = FRAME_HEADER_BYTES;
    while (at + 4 <= bytes.length) {
      const length = bytes.readUInt32BE(at);
      at += 4;
      if (at + length > bytes.length) throw broken();
      blocks.push(snappyBlock(bytes.subarray(at, at + length)));
      at += length;
    }
    return Buffer.concat(blocks);
  },
};

/** @throws SqltrailError `bus_failed` for anything that is no block, without reading or writing outside of it. */
export function snappyBlock(bytes: Buffer): Buffer {
  let at = 0;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw broken();
    return value;
  };
  const littleEndian = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) value += byte() * 2 ** (8 * i);
    return value;
  };
  let size = 0;
  for (let shift = 0, more = true; more; shift += 7) {
    const part = byte();
    if (shift > 28) throw broken();
    size += (part & 0x7f) * 2 ** shift;
    more = part > 0x7f;
  }
  // A literal byte or a copy of up to 64 bytes from three: no block grows more than that.
  if (size > LARGEST_BYTES || size > bytes.length * 64) throw broken();
  const out = Buffer.alloc(size);
  let end = 0;
  while (at < bytes.length) {
    const tag = byte();
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const length = (short < 60 ? short : littleEndian(short - 59)) + 1;
      if (at + length > bytes.length || end + length > size) throw broken();
      bytes.copy(out, end, at, at + length);
      at += length;
      end += length;
      continue;
    }
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const distance = kind === 1 ? (tag >> 5) * 256 + byte() : littleEndian(kind === 2 ? 2 : 4);
    if (distance === 0 || distance > end || end + length > size) throw broken();
    // Byte by byte: a copy may reach into what it writes itself.
    for (let i = 0; i < length; i++, end++) out[end] = out[end - distance]!;
  }
  if (end !== size) throw broken();
  return out;
}

function broken(): SqltrailError {
  return new SqltrailError(
    'bus_failed',
    'A batch of records is not the Snappy it says it is.',
    'See which producer wrote it; move the group past it with kafka-consumer-groups.sh.',
  );
}
