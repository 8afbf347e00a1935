import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const DECODE_MESSAGES = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';
const RECORD_BATCH = 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
const DECODER = 'kafkajs/src/protocol/decoder.js';

const SIZE_BYTES = 4;
const MAGIC_AT = 16;
const MAGIC = 2;
/** A batch without records. */
const BATCH_BYTES = 61;

/** What is used here of kafkajs's reader of bytes. */
interface Decoder {
  readonly buffer: Buffer;
  readonly offset: number;
  readInt32(): number;
  readBytes(length: number): Buffer;
  canReadBytes(length: number): boolean;
}
type DecodeMessages = (decoder: Decoder) => Promise<unknown[]>;

/**
 * Replaces how kafkajs 2.2.4 puts together the record batches of one partition in a fetch: it spreads the records of each onto
 * the stack, and a batch of more than about 120,000 (a megabyte of tiny records, compressed) would end the consumer again
 * and again. Formats older than 2 stay as they were. To be called before the first fetch; a second call does nothing.
 */
export function takeLargeBatches(): void {
  const original: DecodeMessages & { takesLargeBatches?: boolean } = require(DECODE_MESSAGES);
  if (original.takesLargeBatches) return;
  const decodeBatch: (decoder: Decoder) => Promise<{ records: readonly unknown[] }> = require(RECORD_BATCH);
  const DecoderOf: new (bytes: Buffer) => Decoder = require(DECODER);
  const decode: DecodeMessages = async (decoder) => {
    const magicAt = decoder.offset + SIZE_BYTES + MAGIC_AT;
    if (decoder.buffer.length <= magicAt || decoder.buffer.readInt8(magicAt) !== MAGIC) return original(decoder);
    const size = decoder.readInt32();
    if (size <= 0 || !decoder.canReadBytes(size)) return [];
    const batches = new DecoderOf(decoder.readBytes(size));
    const all: unknown[] = [];
    while (batches.canReadBytes(BATCH_BYTES)) {
      try {
        const { records } = await decodeBatch(batches);
        for (const record of records) all.push(record);
      } catch (error) {
        // Brokers cut the last batch where a fetch is full.
        if ((error as { name?: unknown }).name === 'KafkaJSPartialMessageError') break;
        throw error;
      }
    }
    return all;
  };
  require.cache[require.resolve(DECODE_MESSAGES)]!.exports = Object.assign(decode, { takesLargeBatches: true });
}
