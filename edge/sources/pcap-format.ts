// Hot path
import { type CaptureFormat, damagedCapture, MAX_PACKET_BYTES } from './capture-format.ts';
import type { PacketHandler } from './packet-source.ts';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** Kuznetzov's "modified" pcap of old Linux distributions: interface index, protocol and packet type follow the lengths. */
const MODIFIED_RECORD_HEADER_BYTES = 24;
/** The upper bits hold the FCS length and flags; libpcap's LT_LINKTYPE. */
const LINK_TYPE_MASK = 0x03ff_ffff;

/**
 * Classic pcap (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html): both byte orders, µs, ns and "modified".
 * Times are taken as written: a fraction beyond a second runs into the next one. The largest, 2^32 s, is below 2^53 µs.
 */
export class PcapFormat implements CaptureFormat {
  packets = 0;
  bytes = 0;
  readonly droppedByKernel = null;
  readonly droppedByInterface = null;
  isOpen = false;
  isPaused = false;
  readonly #name: string;
  readonly #onPacket: PacketHandler;
  readonly #littleEndian: boolean;
  readonly #nanoseconds: boolean;
  readonly #recordHeaderBytes: number;
  #linkType = 0;
  #viewed: Buffer | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));

  private constructor(name: string, onPacket: PacketHandler, littleEndian: boolean, magic: number) {
    this.#name = name;
    this.#onPacket = onPacket;
    this.#littleEndian = littleEndian;
    this.#nanoseconds = magic === 0xa1b23c4d;
    this.#recordHeaderBytes = magic === 0xa1b2cd34 ? MODIFIED_RECORD_HEADER_BYTES : RECORD_HEADER_BYTES;
  }

  /**
   * @param magic The first four bytes of the input, read as little-endian.
   * @returns null where they are not those of a pcap.
   */
  static detect(magic: number, name: string, onPacket: PacketHandler): PcapFormat | null {
    if (isMagic(magic)) return new PcapFormat(name, onPacket, true, magic);
    const swapped = ((magic << 24) | ((magic & 0xff00) << 8) | ((magic >>> 8) & 0xff00) | (magic >>> 24)) >>> 0;
    return isMagic(swapped) ? new PcapFormat(name, onPacket, false, swapped) : null;
  }

  needed(bytes: Buffer, start: number, end: number): number {
    if (!this.isOpen) return FILE_HEADER_BYTES;
    if (end - start < this.#recordHeaderBytes) return this.#recordHeaderBytes;
    return this.#recordHeaderBytes + this.#viewOf(bytes).getUint32(start + 8, this.#littleEndian);
  }

  parse(bytes: Buffer, start: number, end: number, base: number): number {
    const view = this.#viewOf(bytes);
    const littleEndian = this.#littleEndian;
    let position = start;
    if (!this.isOpen) {
      if (end - start < FILE_HEADER_BYTES) return start;
      this.#linkType = view.getUint32(start + 20, littleEndian) & LINK_TYPE_MASK;
      this.isOpen = true;
      position += FILE_HEADER_BYTES;
    }
    const headerBytes = this.#recordHeaderBytes;
    const nanoseconds = this.#nanoseconds;
    const linkType = this.#linkType;
    const onPacket = this.#onPacket;
    while (end - position >= headerBytes) {
      const capturedBytes = view.getUint32(position + 8, littleEndian);
      if (capturedBytes > MAX_PACKET_BYTES) {
        throw damagedCapture(this.#name, base + position, `a packet cannot have ${capturedBytes} captured bytes`);
      }
      const first = position + headerBytes;
      const next = first + capturedBytes;
      if (next > end) break;
      const originalBytes = view.getUint32(position + 12, littleEndian);
      const fraction = view.getUint32(position + 4, littleEndian);
      const timeUs =
        view.getUint32(position, littleEndian) * 1_000_000 + (nanoseconds ? (fraction / 1000) | 0 : fraction);
      this.packets++;
      this.bytes += capturedBytes;
      // A length on the wire below the captured one is a writer's mistake: what was captured was on the wire.
      onPacket(bytes, first, next, Math.max(originalBytes, capturedBytes), timeUs, linkType);
      position = next;
      if (this.isPaused) break;
    }
    return position;
  }

  #viewOf(bytes: Buffer): DataView {
    if (bytes !== this.#viewed) {
      this.#viewed = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}

function isMagic(magic: number): boolean {
  return magic === 0xa1b2c3d4 || magic === 0xa1b23c4d || magic === 0xa1b2cd34;
}
