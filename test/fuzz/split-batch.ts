import { BATCH_MAGIC, MESSAGE_HEADER_BYTES, MESSAGE_KIND } from '../../schemas/message-batch.ts';

/**
 * A batch as one batch per message, each with its connection's announcement and in a larger buffer filled with `fill`: what
 * reads past a message's end reads the fill.
 */
export function splitBatch(batch: Buffer, fill: number): Buffer[] {
  if (batch.readUInt32LE(0) !== BATCH_MAGIC) throw new Error('not a batch');
  const serverAt = 16 + batch.readUInt16LE(12);
  const head = batch.subarray(0, serverAt + batch.readUInt16LE(serverAt - 2));
  const announcements: Buffer[] = [];
  const batches: Buffer[] = [];
  for (let at = head.length; at < batch.length; ) {
    const end = at + MESSAGE_HEADER_BYTES + batch.readUInt32LE(at + 4);
    const message = batch.subarray(at, end);
    if (message[0] === MESSAGE_KIND.connection) announcements.push(message);
    else batches.push(alone(head, announcements[message.readUInt16LE(2)]!, message, fill));
    at = end;
  }
  return batches;
}

function alone(head: Buffer, announcement: Buffer, message: Buffer, fill: number): Buffer {
  const length = head.length + announcement.length + message.length;
  const bytes = Buffer.alloc(length + 64, fill);
  head.copy(bytes);
  announcement.copy(bytes, head.length);
  // Both are the only ones of their kind in their batch.
  bytes.writeUInt16LE(0, head.length + 2);
  message.copy(bytes, head.length + announcement.length);
  bytes.writeUInt16LE(0, head.length + announcement.length + 2);
  return bytes.subarray(0, length);
}
