import { crc32 } from 'node:zlib';
import type { SealedBatch } from './sealed-batch.ts';

/**
 * One batch in a segment file, little-endian:
 *   4 bytes of the body · 4 CRC-32 of the body · body: 2 partition · 4 messages · 8 minute (f64) · 2 bytes of the origin · origin · value
 */
export const SPOOL_HEADER_BYTES = 8;
const BODY_HEADER_BYTES = 16;
/** A length beyond this is no length: batches are of 256 KiB. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** The batch as it lies in a segment. @throws RangeError for a batch that could not be read back. */
export function encodeSpoolRecord(batch: SealedBatch): Buffer {
  const origin = Buffer.from(batch.origin, 'utf8');
  const bodyBytes = BODY_HEADER_BYTES + origin.length + batch.value.length;
  if (bodyBytes > MAX_BODY_BYTES || origin.length > 0xffff)
    throw new RangeError('the batch is too large for the spool');
  const record = Buffer.allocUnsafeSlow(SPOOL_HEADER_BYTES + bodyBytes);
  record.writeUInt16LE(batch.partition, 8);
  record.writeUInt32LE(batch.messages, 10);
  record.writeDoubleLE(batch.minuteMs, 14);
  record.writeUInt16LE(origin.length, 22);
  origin.copy(record, 24);
  batch.value.copy(record, 24 + origin.length);
  record.writeUInt32LE(bodyBytes, 0);
  record.writeUInt32LE(crc32(record.subarray(SPOOL_HEADER_BYTES)), 4);
  return record;
}

/** Whole length of the record that begins with these bytes; 0 where they are not there or say nothing sensible. */
export function spoolRecordBytes(bytes: Buffer, at: number): number {
  if (bytes.length - at < SPOOL_HEADER_BYTES) return 0;
  const bodyBytes = bytes.readUInt32LE(at);
  return bodyBytes < BODY_HEADER_BYTES || bodyBytes > MAX_BODY_BYTES ? 0 : SPOOL_HEADER_BYTES + bodyBytes;
}

/**
 * The batch of the record at `at`; null where it is cut or damaged.
 * @returns A view of the bytes.
 */
export function decodeSpoolRecord(bytes: Buffer, at: number): SealedBatch | null {
  const length = spoolRecordBytes(bytes, at);
  if (length === 0 || at + length > bytes.length) return null;
  const body = bytes.subarray(at + SPOOL_HEADER_BYTES, at + length);
  if (crc32(body) !== bytes.readUInt32LE(at + 4)) return null;
  const valueAt = BODY_HEADER_BYTES + body.readUInt16LE(14);
  if (valueAt > body.length) return null;
  return {
    partition: body.readUInt16LE(0),
    messages: body.readUInt32LE(2),
    minuteMs: body.readDoubleLE(6),
    origin: body.toString('utf8', BODY_HEADER_BYTES, valueAt),
    value: body.subarray(valueAt),
  };
}
