import type { FrameMemory } from './frame-memory.ts';
import { inflate, isDeflated } from './inflate.ts';

const HEADER_BYTES = 7;

/**
 * One half of a connection that agreed on compression: frames of 3 bytes length, 1 byte sequence id, 3 bytes uncompressed length
 * (0: stored as it is), payload. A frame holds any part of the MySQL packets, which go on across frames.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_compression.html
 *
 * Memory: one frame, so at most 16 MiB compressed and 16 MiB plain; nothing between frames.
 */
export class CompressedStream {
  /** False after bytes were lost outside a frame: `push` then expects a frame at the start of its bytes. */
  isSynced = true;
  private header = Buffer.alloc(HEADER_BYTES);
  private headerBytes = 0;
  private remaining = 0;
  private isDamaged = false;
  private parts: Buffer[] = [];
  private heldBytes = 0;
  private readonly memory: FrameMemory;

  constructor(memory: FrameMemory) {
    this.memory = memory;
  }

  /** Number of the frame in hand; the first of a command has 0, as the server checks. */
  get sequenceId(): number {
    return this.header[3]!;
  }

  /** The connection ended: gives back what waits. */
  close(): void {
    this.reset();
  }

  /**
   * @param plain Takes the plain bytes of each frame, valid only during the call.
   * @param lost Called for a frame that cannot be read.
   */
  push(bytes: Buffer, start: number, end: number, plain: (bytes: Buffer) => void, lost: () => void): void {
    let at = start;
    while (at < end) {
      if (this.headerBytes < HEADER_BYTES) {
        const taken = Math.min(end - at, HEADER_BYTES - this.headerBytes);
        bytes.copy(this.header, this.headerBytes, at, at + taken);
        this.headerBytes += taken;
        at += taken;
        if (this.headerBytes < HEADER_BYTES) return;
        this.remaining = this.header.readUIntLE(0, 3);
      }
      const stop = Math.min(end, at + this.remaining);
      // The segment's bytes are valid only now: what waits for the rest of its frame is copied.
      if (stop - at === this.remaining && this.parts.length === 0) this.parts.push(bytes.subarray(at, stop));
      else if (stop > at) this.hold(bytes.subarray(at, stop));
      this.remaining -= stop - at;
      at = stop;
      if (this.remaining === 0) this.endFrame(plain, lost);
    }
  }

  /** Bytes of this half were lost. @returns true where they lie within one frame, which is then lost as a whole. */
  gap(missingBytes: number, lost: () => void): boolean {
    if (this.headerBytes < HEADER_BYTES || missingBytes > this.remaining) {
      this.isSynced = false;
      this.reset();
      return false;
    }
    this.isDamaged = true;
    this.release();
    this.remaining -= missingBytes;
    if (this.remaining === 0) this.endFrame(() => {}, lost);
    return true;
  }

  private endFrame(plain: (bytes: Buffer) => void, lost: () => void): void {
    const plainBytes = this.header.readUIntLE(4, 3);
    const payload = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
    const frame = this.isDamaged ? null : plainBytes === 0 ? payload : this.unfold(payload, plainBytes);
    this.reset();
    if (frame === null) lost();
    else plain(frame);
  }

  private unfold(payload: Buffer, plainBytes: number): Buffer | null {
    return this.memory.takePlain(plainBytes) ? inflate(payload, plainBytes) : null;
  }

  private hold(part: Buffer): void {
    if (this.isDamaged) return;
    if (!this.memory.take(part.length)) {
      this.isDamaged = true;
      this.release();
      return;
    }
    this.heldBytes += part.length;
    this.parts.push(Buffer.from(part));
  }

  private release(): void {
    this.memory.give(this.heldBytes);
    this.heldBytes = 0;
    this.parts = [];
  }

  private reset(): void {
    this.headerBytes = 0;
    this.remaining = 0;
    this.isDamaged = false;
    this.release();
  }
}

/** A frame at the start of a segment, told by its lengths and by the first bytes of what is compressed or by the packet that is stored in it. */
export function isCompressedStart(
  bytes: Buffer,
  start: number,
  end: number,
  isPacket: (start: number, end: number) => boolean,
): boolean {
  if (end - start < HEADER_BYTES + 2) return false;
  const length = bytes.readUIntLE(start, 3);
  const plainBytes = bytes.readUIntLE(start + 4, 3);
  const body = start + HEADER_BYTES;
  if (length === 0 || (plainBytes !== 0 && plainBytes < length / 2)) return false;
  if (plainBytes === 0) return body + length <= end && isPacket(body, body + length);
  return isDeflated(bytes, body, end);
}
