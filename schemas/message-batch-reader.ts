// Hot path
import { BATCH_MAGIC, CONNECTION_BYTES, MESSAGE_HEADER_BYTES, MESSAGE_KIND, RESPONSE_BYTES } from './message-batch.ts';

/**
 * Steps through a batch (layout in `message-batch.ts`). Bytes come from a topic, so nothing in them is trusted: what does not
 * fit ends the batch with `broken`, and what was read before stays valid.
 */
export class MessageBatchReader {
  serverId = '';
  /** The bytes after the last good message are not a message. */
  broken = false;
  bytes: Buffer = EMPTY;

  kind = 0;
  flags = 0;
  connection = 0;
  sequence = 0;
  timeUs = 0;
  /** What it counts depends on the kind; see MESSAGE_KIND. */
  count = 0;
  start = 0;
  end = 0;

  requestSequence = 0;
  firstUs = 0;
  rows = 0;
  furtherRequestBytes = 0;
  ending = 0;

  private at = 0;

  /** @returns false when this is no batch at all. */
  open(bytes: Buffer): boolean {
    this.bytes = bytes;
    this.broken = true;
    this.at = bytes.length;
    if (bytes.length < 6 || bytes.readUInt32LE(0) !== BATCH_MAGIC) return false;
    const idBytes = bytes.readUInt16LE(4);
    if (6 + idBytes > bytes.length) return false;
    this.serverId = bytes.toString('utf8', 6, 6 + idBytes);
    this.at = 6 + idBytes;
    this.broken = false;
    return true;
  }

  /** Moves to the next message; false at the end. Payload is `bytes` from `start` to `end`. */
  next(): boolean {
    const { bytes, at } = this;
    if (at === bytes.length) return false;
    if (at + MESSAGE_HEADER_BYTES > bytes.length) return this.fail();
    this.kind = bytes[at]!;
    this.flags = bytes[at + 1]!;
    this.connection = bytes.readUInt16LE(at + 2);
    this.sequence = bytes.readUInt32LE(at + 8) + bytes.readUInt16LE(at + 12) * 0x1_0000_0000;
    this.timeUs = bytes.readDoubleLE(at + 16);
    this.count = bytes.readDoubleLE(at + 24);
    this.start = at + MESSAGE_HEADER_BYTES;
    this.end = this.start + bytes.readUInt32LE(at + 4);
    if (this.end > bytes.length || !(this.timeUs >= 0 && this.timeUs <= Number.MAX_SAFE_INTEGER) || !(this.count >= 0)) return this.fail();
    this.at = this.end;
    if (this.kind === MESSAGE_KIND.response) return this.readResponse();
    if (this.kind === MESSAGE_KIND.connection && this.end - this.start !== CONNECTION_BYTES) return this.fail();
    return true;
  }

  private readResponse(): boolean {
    const { bytes, start } = this;
    if (this.end - start < RESPONSE_BYTES) return this.fail();
    this.requestSequence = bytes.readDoubleLE(start);
    this.firstUs = bytes.readDoubleLE(start + 8);
    this.rows = bytes.readDoubleLE(start + 16);
    this.furtherRequestBytes = bytes.readDoubleLE(start + 24);
    this.ending = bytes.readUInt32LE(start + 32);
    this.start = start + RESPONSE_BYTES;
    return true;
  }

  private fail(): false {
    this.broken = true;
    this.at = this.bytes.length;
    return false;
  }
}

const EMPTY = Buffer.alloc(0);
