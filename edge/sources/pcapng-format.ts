// Hot path
import { type CaptureFormat, damagedCapture } from './capture-format.ts';
import type { PacketHandler } from './packet-source.ts';
import { type PcapngInterface, readInterface, readStatistics } from './pcapng-interface.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const PACKET = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type, length and length again. */
const EMPTY_BLOCK_BYTES = 12;
const SECTION_MIN_BYTES = 28;
/** The largest packet (256 KiB) with room for its options; such a block is kept whole in memory. */
const MAX_READ_BLOCK_BYTES = 1_048_576;
/** Blocks that are skipped without being kept (names, secrets): libpcap's limit. */
const MAX_SKIPPED_BLOCK_BYTES = 16_777_216;
const MAX_INTERFACES = 65_536;

/**
 * pcapng (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html): sections of either byte order, each with its own interfaces;
 * enhanced, simple and old packet blocks; drop counts of interface statistics. Unknown blocks are skipped unread.
 * Bounds: blocks with packets 1 MiB, others 16 MiB, 65,536 interfaces a section; beyond them the capture is called damaged.
 */
export class PcapngFormat implements CaptureFormat {
  packets = 0;
  bytes = 0;
  droppedByKernel: number | null = null;
  droppedByInterface: number | null = null;
  isOpen = false;
  isPaused = false;
  readonly #name: string;
  readonly #onPacket: PacketHandler;
  #littleEndian = true;
  #interfaces: PcapngInterface[] = [];
  #lastTimeUs = 0;
  #viewed: Buffer | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));

  private constructor(name: string, onPacket: PacketHandler) {
    this.#name = name;
    this.#onPacket = onPacket;
  }

  /** @param magic The first four bytes of the input; those of a section header read the same in both orders. */
  static detect(magic: number, name: string, onPacket: PacketHandler): PcapngFormat | null {
    return magic === SECTION_HEADER ? new PcapngFormat(name, onPacket) : null;
  }

  needed(bytes: Buffer, start: number, end: number): number {
    if (end - start < EMPTY_BLOCK_BYTES) return EMPTY_BLOCK_BYTES;
    const view = this.#viewOf(bytes);
    const type = view.getUint32(start, this.#littleEndian);
    if (type !== SECTION_HEADER) return view.getUint32(start + 4, this.#littleEndian);
    return view.getUint32(start + 4, view.getUint32(start + 8, true) === BYTE_ORDER_MAGIC);
  }

  parse(bytes: Buffer, start: number, end: number, base: number): number {
    const view = this.#viewOf(bytes);
    let position = start;
    while (end - position >= EMPTY_BLOCK_BYTES) {
      const type = view.getUint32(position, this.#littleEndian);
      if (type === SECTION_HEADER) this.#littleEndian = this.#sectionOrder(view, position, base);
      const littleEndian = this.#littleEndian;
      const blockBytes = view.getUint32(position + 4, littleEndian);
      const isRead = type === SECTION_HEADER || (type <= ENHANCED_PACKET && type !== 4 && type !== 0);
      if (
        blockBytes < EMPTY_BLOCK_BYTES ||
        (blockBytes & 3) !== 0 ||
        blockBytes > (isRead ? MAX_READ_BLOCK_BYTES : MAX_SKIPPED_BLOCK_BYTES)
      ) {
        throw damagedCapture(this.#name, base + position, `a block cannot have ${blockBytes} bytes`);
      }
      const next = position + blockBytes;
      if (!isRead) {
        position = next;
        continue;
      }
      if (next > end) break;
      if (view.getUint32(next - 4, littleEndian) !== blockBytes) {
        throw damagedCapture(this.#name, base + position, 'the two lengths of a block differ');
      }
      if (type === ENHANCED_PACKET) this.#enhancedPacket(bytes, view, position, next, base);
      else if (type === PACKET) this.#packet(bytes, view, position, next, base);
      else if (type === SIMPLE_PACKET) this.#simplePacket(bytes, view, position, next, base);
      else if (type === INTERFACE_DESCRIPTION) this.#interfaceDescription(view, position, next, base);
      else if (type === INTERFACE_STATISTICS) this.#interfaceStatistics(view, position, next);
      else this.#sectionHeader(view, position, next, base);
      position = next;
      if (this.isPaused) break;
    }
    return position;
  }

  #enhancedPacket(bytes: Buffer, view: DataView, position: number, next: number, base: number): void {
    if (next - position < 32) throw damagedCapture(this.#name, base + position, 'a packet block is too short');
    this.#deliver(bytes, view, position, next, base, view.getUint32(position + 8, this.#littleEndian));
  }

  /** The old packet block differs in this: two bytes of interface, then two of drops. */
  #packet(bytes: Buffer, view: DataView, position: number, next: number, base: number): void {
    if (next - position < 32) throw damagedCapture(this.#name, base + position, 'a packet block is too short');
    this.#deliver(bytes, view, position, next, base, view.getUint16(position + 8, this.#littleEndian));
  }

  #deliver(bytes: Buffer, view: DataView, position: number, next: number, base: number, id: number): void {
    const littleEndian = this.#littleEndian;
    const source = this.#interfaces[id];
    if (source === undefined) throw damagedCapture(this.#name, base + position, `interface ${id} is not described`);
    const capturedBytes = view.getUint32(position + 20, littleEndian);
    if (capturedBytes > next - position - 32) {
      throw damagedCapture(this.#name, base + position, `${capturedBytes} captured bytes do not fit their block`);
    }
    const originalBytes = view.getUint32(position + 24, littleEndian);
    const timeUs = source.clock.toUs(
      view.getUint32(position + 12, littleEndian),
      view.getUint32(position + 16, littleEndian),
    );
    this.#lastTimeUs = timeUs;
    this.packets++;
    this.bytes += capturedBytes;
    const first = position + 28;
    this.#onPacket(
      bytes,
      first,
      first + capturedBytes,
      Math.max(originalBytes, capturedBytes),
      timeUs,
      source.linkType,
    );
  }

  /** No time and no captured length: the last known time, and what the snap length of interface 0 leaves. */
  #simplePacket(bytes: Buffer, view: DataView, position: number, next: number, base: number): void {
    const source = this.#interfaces[0];
    if (source === undefined) throw damagedCapture(this.#name, base + position, 'interface 0 is not described');
    if (next - position < 16) throw damagedCapture(this.#name, base + position, 'a packet block is too short');
    const originalBytes = view.getUint32(position + 8, this.#littleEndian);
    const limit = source.snapBytes === 0 ? originalBytes : Math.min(originalBytes, source.snapBytes);
    const capturedBytes = Math.min(limit, next - position - 16);
    this.packets++;
    this.bytes += capturedBytes;
    const first = position + 12;
    this.#onPacket(bytes, first, first + capturedBytes, originalBytes, this.#lastTimeUs, source.linkType);
  }

  #interfaceDescription(view: DataView, position: number, next: number, base: number): void {
    if (next - position < 20) throw damagedCapture(this.#name, base + position, 'an interface block is too short');
    if (this.#interfaces.length >= MAX_INTERFACES) {
      throw damagedCapture(this.#name, base + position, `more than ${MAX_INTERFACES} interfaces`);
    }
    this.#interfaces.push(readInterface(view, position, next, this.#littleEndian));
  }

  /** The counts of a statistics block run since the capture began, so a later block replaces an earlier one. */
  #interfaceStatistics(view: DataView, position: number, next: number): void {
    if (next - position < 24) return;
    const source = this.#interfaces[view.getUint32(position + 8, this.#littleEndian)];
    if (source === undefined) return;
    const kernelBefore = source.droppedByKernel ?? 0;
    const interfaceBefore = source.droppedByInterface ?? 0;
    readStatistics(source, view, position, next, this.#littleEndian);
    if (source.droppedByKernel !== null) {
      this.droppedByKernel = (this.droppedByKernel ?? 0) + source.droppedByKernel - kernelBefore;
    }
    if (source.droppedByInterface !== null) {
      this.droppedByInterface = (this.droppedByInterface ?? 0) + source.droppedByInterface - interfaceBefore;
    }
  }

  #sectionOrder(view: DataView, position: number, base: number): boolean {
    if (view.getUint32(position + 8, true) === BYTE_ORDER_MAGIC) return true;
    if (view.getUint32(position + 8, false) === BYTE_ORDER_MAGIC) return false;
    throw damagedCapture(this.#name, base + position, 'a section header has no byte-order mark');
  }

  #sectionHeader(view: DataView, position: number, next: number, base: number): void {
    if (next - position < SECTION_MIN_BYTES) {
      throw damagedCapture(this.#name, base + position, 'a section header is too short');
    }
    const version = view.getUint16(position + 12, this.#littleEndian);
    if (version !== 1) {
      throw damagedCapture(this.#name, base + position, `pcapng version ${version} is unknown (1 is supported)`);
    }
    this.#interfaces = [];
    this.isOpen = true;
  }

  #viewOf(bytes: Buffer): DataView {
    if (bytes !== this.#viewed) {
      this.#viewed = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}
