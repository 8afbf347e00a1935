import { MESSAGE_HEADER_BYTES } from '../../schemas/message-batch.ts';

/** The messages of a batch of one connection, each in a batch of its own, so that a test can stop between any two or leave some out. */
export function messageByMessage(batch: Buffer): Buffer[] {
  const serverAt = 16 + batch.readUInt16LE(12);
  const headerEnd = serverAt + batch.readUInt16LE(serverAt - 2);
  const batches: Buffer[] = [];
  const announcement = batch.subarray(headerEnd, headerEnd + MESSAGE_HEADER_BYTES + batch.readUInt32LE(headerEnd + 4));
  for (let at = headerEnd + announcement.length; at < batch.length; ) {
    const end = at + MESSAGE_HEADER_BYTES + batch.readUInt32LE(at + 4);
    batches.push(Buffer.concat([batch.subarray(0, headerEnd), announcement, batch.subarray(at, end)]));
    at = end;
  }
  return batches;
}
