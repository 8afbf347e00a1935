// Hot path
import {
  BATCH_MAGIC,
  CONNECTION_BYTES,
  GAP_BYTES,
  MESSAGE_HEADER_BYTES,
  MESSAGE_KIND,
  RESPONSE_BYTES,
} from './message-batch.ts';

/** Numbers up to this can be added up for a while and stay exact: 256 TiB, where a connection's bytes are counted. */
const LARGEST_COUNT = 2 ** 48;

/**
 * Steps through a batch (layout in `message-batch.ts`). Bytes come from a topic, so nothing in them is trusted: what does not
 * fit ends the batch with `broken`, and what was read before stays valid.
 */
export class MessageBatchReader {
  serverId = '';
  /** Where the batch comes from (`BatchOrigin`). */
  edgeId = '';
  runUs = 0;
  /** The bytes after the last good message are not a message. */
  broken = false;
  bytes: Buffer = EMPTY;

  kind = 0;
  flags = 0;
  connection = 0;
  sequence = 0;
  /** Of the last message that was good; 0 before the first of a batch. */
  timeUs = 0;
  /** What it counts depends on the kind; see MESSAGE_KIND. A whole number, as all others here. */
  count = 0;
  start = 0;
  end = 0;

  requestSequence = 0;
  firstUs = 0;
  rows = 0;
  furtherRequestBytes = 0;
  ending = 0;

  private at = 0;
  private view: DataView = EMPTY_VIEW;

  /** @returns false when this is no batch at all. */
  open(bytes: Buffer): boolean {
    this.bytes = bytes;
    this.broken = true;
    this.at = bytes.length;
    if (bytes.length < 16 || bytes.readUInt32LE(0) !== BATCH_MAGIC) return false;
    const serverAt = 16 + bytes.readUInt16LE(12);
    if (serverAt > bytes.length) return false;
    const start = serverAt + bytes.readUInt16LE(serverAt - 2);
    if (start > bytes.length || !isTime(bytes.readDoubleLE(4))) return false;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.runUs = this.view.getFloat64(4, true);
    this.timeUs = 0;
    this.edgeId = bytes.toString('utf8', 14, serverAt - 2);
    this.serverId = bytes.toString('utf8', serverAt, start);
    this.at = start;
    this.broken = false;
    return true;
  }

  /** Moves to the next message; false at the end. Payload is `bytes` from `start` to `end`. */
  next(): boolean {
    const { bytes, view, at } = this;
    if (at === bytes.length) return false;
    if (at + MESSAGE_HEADER_BYTES > bytes.length) return this.fail();
    this.kind = bytes[at]!;
    this.flags = bytes[at + 1]!;
    this.connection = view.getUint16(at + 2, true);
    this.sequence = view.getUint32(at + 8, true) + view.getUint16(at + 12, true) * 0x1_0000_0000;
    const timeUs = view.getFloat64(at + 16, true);
    this.count = view.getFloat64(at + 24, true);
    this.start = at + MESSAGE_HEADER_BYTES;
    this.end = this.start + view.getUint32(at + 4, true);
    if (this.end > bytes.length || !isTime(timeUs) || !isCount(this.count)) return this.fail();
    this.timeUs = timeUs;
    this.at = this.end;
    if (this.kind === MESSAGE_KIND.response) return this.readResponse();
    if (this.kind === MESSAGE_KIND.gap && !this.isGap()) return this.fail();
    if (this.kind === MESSAGE_KIND.connection && this.end - this.start !== CONNECTION_BYTES) return this.fail();
    return true;
  }

  private readResponse(): boolean {
    const { view, start } = this;
    if (this.end - start < RESPONSE_BYTES) return this.fail();
    this.requestSequence = view.getFloat64(start, true);
    this.firstUs = view.getFloat64(start + 8, true);
    this.rows = view.getFloat64(start + 16, true);
    this.furtherRequestBytes = view.getFloat64(start + 24, true);
    this.ending = view.getUint32(start + 32, true);
    if (!isCount(this.requestSequence) || !isTime(this.firstUs) || !isCount(this.rows)) return this.fail();
    if (!isCount(this.furtherRequestBytes)) return this.fail();
    this.start = start + RESPONSE_BYTES;
    return true;
  }

  private isGap(): boolean {
    return this.end - this.start >= GAP_BYTES && isCount(this.view.getFloat64(this.start + 1, true));
  }

  private fail(): false {
    this.broken = true;
    this.at = this.bytes.length;
    return false;
  }
}

const EMPTY = Buffer.alloc(0);
const EMPTY_VIEW = new DataView(new ArrayBuffer(0));

function isCount(value: number): boolean {
  return value >= 0 && value <= LARGEST_COUNT && Math.floor(value) === value;
}

function isTime(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value;
}
