// Hot path
import type { CaptureFormat } from './capture-format.ts';
import type { PacketHandler } from './packet-source.ts';
import { PcapFormat } from './pcap-format.ts';
import { PcapngFormat } from './pcapng-format.ts';
import { unknownFormat } from './unknown-format.ts';

const MAGIC_BYTES = 4;

/**
 * Reads a pcap or pcapng stream that arrives in chunks cut anywhere, and calls `onPacket` for each packet with a view into the chunk.
 * Only a record that straddles chunks is copied; what is kept between chunks never exceeds one record (1 MiB).
 */
export class CaptureReader {
  /** Bytes taken in. */
  readBytes = 0;
  /** Set by `end` where the input stops inside a record. */
  truncated = false;
  /** What a person calls the source, for error messages. */
  readonly name: string;
  readonly #onPacket: PacketHandler;
  #format: CaptureFormat | null = null;
  #carry: Buffer = Buffer.allocUnsafe(65_536);
  #carriedBytes = 0;
  #skipBytes = 0;

  constructor(name: string, onPacket: PacketHandler) {
    this.name = name;
    this.#onPacket = onPacket;
  }

  get packets(): number {
    return this.#format === null ? 0 : this.#format.packets;
  }

  /** Captured bytes of the packets, without the format's headers. */
  get bytes(): number {
    return this.#format === null ? 0 : this.#format.bytes;
  }

  get droppedByKernel(): number | null {
    return this.#format === null ? null : this.#format.droppedByKernel;
  }

  get droppedByInterface(): number | null {
    return this.#format === null ? null : this.#format.droppedByInterface;
  }

  /** True once the header was read: packets may follow. */
  get isOpen(): boolean {
    return this.#format?.isOpen ?? false;
  }

  /** To be called from within `onPacket`: `push` returns behind this packet. */
  pause(): void {
    if (this.#format !== null) this.#format.isPaused = true;
  }

  /**
   * Delivers every packet that is whole with these bytes, or up to a pause.
   * @param chunk A view, used only during this call.
   * @param length Bytes of `chunk` that count.
   * @param from Where the last call for this chunk returned; 0 for a new chunk.
   * @returns `length`; where it was paused, the position from which the next call goes on.
   * @throws SqltrailError `capture_format` where the input is no capture or is damaged; the reader is then of no further use.
   */
  push(chunk: Buffer, length: number = chunk.length, from = 0): number {
    if (from === 0) this.readBytes += length;
    const base = this.readBytes - length;
    if (this.#format !== null) this.#format.isPaused = false;
    let position = this.#skip(from, length);
    while (this.#carriedBytes > 0 && position < length) {
      position = this.#complete(chunk, position, length, base);
      if (this.#isPaused) return position;
    }
    if (position >= length) return length;
    const consumed = this.#parse(chunk, position, length, base);
    if (consumed >= length) this.#skipBytes = consumed - length;
    else if (this.#isPaused) return consumed;
    else this.#keep(chunk, consumed, length);
    return length;
  }

  get #isPaused(): boolean {
    return this.#format?.isPaused ?? false;
  }

  /**
   * The input has ended. An input cut inside a record is no error: `truncated` is set.
   * @throws SqltrailError `capture_format` where the input was empty or too short to be known.
   */
  end(): void {
    if (this.#format === null) throw unknownFormat(this.name, this.#carry, this.#carriedBytes);
    this.truncated = this.#carriedBytes > 0 || this.#skipBytes > 0 || !this.#format.isOpen;
  }

  #skip(position: number, length: number): number {
    if (this.#skipBytes === 0) return position;
    const skipped = Math.min(this.#skipBytes, length - position);
    this.#skipBytes -= skipped;
    return position + skipped;
  }

  /** Adds to the carried record just what it lacks, so that all that follows is read in place. */
  #complete(chunk: Buffer, position: number, length: number, base: number): number {
    const carried = this.#carriedBytes;
    const needed = this.#format === null ? MAGIC_BYTES : this.#format.needed(this.#carry, 0, carried);
    const end = Math.min(position + Math.max(needed - carried, 0), length);
    this.#keep(chunk, position, end);
    if (this.#carriedBytes < needed) return end;
    const consumed = this.#parse(this.#carry, 0, this.#carriedBytes, base + end - this.#carriedBytes);
    // Only what says how long the record is was complete: `needed` has grown.
    if (consumed === 0) return end;
    this.#skipBytes = consumed - this.#carriedBytes;
    this.#carriedBytes = 0;
    return this.#skip(end, length);
  }

  #parse(bytes: Buffer, start: number, end: number, base: number): number {
    let format = this.#format;
    if (format === null) {
      if (end - start < MAGIC_BYTES) return start;
      const magic = bytes.readUInt32LE(start);
      format =
        PcapFormat.detect(magic, this.name, this.#onPacket) ?? PcapngFormat.detect(magic, this.name, this.#onPacket);
      if (format === null) throw unknownFormat(this.name, bytes.subarray(start), end - start);
      this.#format = format;
    }
    return format.parse(bytes, start, end, base);
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const total = this.#carriedBytes + end - start;
    if (total > this.#carry.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, this.#carry.length * 2));
      this.#carry.copy(larger, 0, 0, this.#carriedBytes);
      this.#carry = larger;
    }
    chunk.copy(this.#carry, this.#carriedBytes, start, end);
    this.#carriedBytes = total;
  }
}
