// Hot path
import {
  BATCH_MAGIC,
  type BatchOrigin,
  CONNECTION_BYTES,
  MESSAGE_HEADER_BYTES,
  MESSAGE_KIND,
  RESPONSE_BYTES,
} from './message-batch.ts';

const BLANK = 0x2a;

/** Builds one batch after another in buffers of a fixed size; layout in `message-batch.ts`. */
export class MessageBatchWriter {
  /** Number of the current batch, from 1: a connection whose number differs must be announced again. */
  batch = 0;
  /** Messages in the current batch, announcements aside. */
  messages = 0;
  private readonly batchBytes: number;
  private readonly head: Buffer;
  private buffer: Buffer = Buffer.alloc(0);
  /** Over the same bytes: setting numbers through it costs a third of Buffer's own methods (bench/parts/edge.ts). */
  private view = new DataView(this.buffer.buffer);
  private at = 0;
  private connections = 0;

  /** @param batchBytes Size of a batch at most; at least FRAGMENT_BYTES and 1 KiB. */
  constructor(origin: BatchOrigin, batchBytes: number) {
    this.head = headOf(origin);
    this.batchBytes = batchBytes;
    this.begin();
  }

  get isEmpty(): boolean {
    return this.messages === 0;
  }

  /** Whether a message with this payload, and the announcement of its connection, still fit. */
  fits(payloadBytes: number): boolean {
    const needed = payloadBytes + RESPONSE_BYTES + 2 * MESSAGE_HEADER_BYTES + CONNECTION_BYTES;
    return this.at + needed <= this.batchBytes && this.connections < 0xffff;
  }

  /** Announces a connection by its payload, CONNECTION_BYTES from `start` on; returns its number in this batch. */
  announce(payload: DataView, start: number): number {
    const body = this.header(MESSAGE_KIND.connection, 0, this.connections, CONNECTION_BYTES, 0, 0, 0);
    const { view } = this;
    for (let i = 0; i < CONNECTION_BYTES; i += 4) view.setUint32(body + i, payload.getUint32(start + i));
    return this.connections++;
  }

  /** Adds a message; `fits` must have said yes. Returns where its payload was copied to in the batch. */
  add(
    kind: number,
    flags: number,
    connection: number,
    sequence: number,
    timeUs: number,
    bytes: number,
    payload: Buffer,
    start: number,
    end: number,
  ): number {
    const body = this.header(kind, flags, connection, end - start, sequence, timeUs, bytes);
    copyInto(this.buffer, body, payload, start, end);
    this.messages++;
    return body;
  }

  addResponse(
    flags: number,
    connection: number,
    sequence: number,
    timeUs: number,
    responseBytes: number,
    requestSequence: number,
    firstUs: number,
    rows: number,
    furtherRequestBytes: number,
    ending: number,
    payload: Buffer,
    start: number,
    end: number,
  ): void {
    const body = this.header(
      MESSAGE_KIND.response,
      flags,
      connection,
      RESPONSE_BYTES + end - start,
      sequence,
      timeUs,
      responseBytes,
    );
    const { buffer, view } = this;
    view.setFloat64(body, requestSequence, true);
    view.setFloat64(body + 8, firstUs, true);
    view.setFloat64(body + 16, rows, true);
    view.setFloat64(body + 24, furtherRequestBytes, true);
    view.setUint32(body + 32, ending, true);
    view.setUint32(body + 36, 0, true);
    copyInto(buffer, body + RESPONSE_BYTES, payload, start, end);
    this.messages++;
  }

  /** Blanks bytes of the message added last; not with NUL, which would end a string where its length is not sent. */
  blank(from: number, to: number): void {
    this.buffer.fill(BLANK, from, to);
  }

  /** The finished batch, which now belongs to the caller; the next one begins empty. */
  take(): Buffer {
    const batch = this.buffer.subarray(0, this.at);
    if (this.at > this.batchBytes / 2) {
      this.begin();
      return batch;
    }
    // Small: a copy, so that who keeps it does not keep a whole buffer.
    const copy = Buffer.allocUnsafeSlow(batch.length);
    batch.copy(copy);
    this.restart();
    return copy;
  }

  private begin(): void {
    this.buffer = Buffer.allocUnsafeSlow(this.batchBytes);
    this.view = new DataView(this.buffer.buffer);
    this.restart();
  }

  private restart(): void {
    this.at = this.head.copy(this.buffer, 0);
    this.connections = 0;
    this.messages = 0;
    this.batch++;
  }

  private header(
    kind: number,
    flags: number,
    connection: number,
    payloadBytes: number,
    sequence: number,
    timeUs: number,
    bytes: number,
  ): number {
    const { buffer, view, at } = this;
    buffer[at] = kind;
    buffer[at + 1] = flags;
    view.setUint16(at + 2, connection, true);
    view.setUint32(at + 4, payloadBytes, true);
    view.setUint32(at + 8, sequence >>> 0, true);
    view.setUint32(at + 12, Math.floor(sequence / 0x1_0000_0000) & 0xffff, true);
    view.setFloat64(at + 16, timeUs, true);
    view.setFloat64(at + 24, bytes, true);
    this.at = at + MESSAGE_HEADER_BYTES + payloadBytes;
    return at + MESSAGE_HEADER_BYTES;
  }
}

function headOf(origin: BatchOrigin): Buffer {
  const edgeId = Buffer.from(origin.edgeId, 'utf8').subarray(0, 255);
  const serverId = Buffer.from(origin.serverId, 'utf8').subarray(0, 255);
  const head = Buffer.alloc(16 + edgeId.length + serverId.length);
  head.writeUInt32LE(BATCH_MAGIC, 0);
  head.writeDoubleLE(origin.runUs, 4);
  head.writeUInt16LE(edgeId.length, 12);
  edgeId.copy(head, 14);
  head.writeUInt16LE(serverId.length, 14 + edgeId.length);
  serverId.copy(head, 16 + edgeId.length);
  return head;
}

/** Short copies byte by byte: a call of Buffer.copy costs as much as some 40 bytes of it. */
function copyInto(target: Buffer, at: number, source: Buffer, start: number, end: number): void {
  if (end - start > 48) {
    source.copy(target, at, start, end);
    return;
  }
  for (let i = start; i < end; i++) target[at++] = source[i]!;
}
