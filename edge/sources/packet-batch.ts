// Hot path
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** Snap length of `cap`, which cannot be changed. */
const SNAP_BYTES = 65_535;

/**
 * Packets of one capture as pcap records (little-endian, µs) in one reused buffer. The caller writes `bytes[0..length]` out when
 * `isFull` or when it is time, and calls `clear`.
 */
export class PacketBatch {
  readonly bytes: Buffer;
  length = 0;
  readonly #fullBytes: number;

  /** @param fullBytes From this length on the batch is full; one packet of up to 64 KiB still fits then. */
  constructor(fullBytes: number) {
    this.#fullBytes = fullBytes;
    this.bytes = Buffer.allocUnsafeSlow(fullBytes + RECORD_HEADER_BYTES + SNAP_BYTES);
  }

  get isFull(): boolean {
    return this.length >= this.#fullBytes;
  }

  /** The file header, before any packet. */
  addHeader(linkType: number): void {
    const bytes = this.bytes;
    bytes.writeUInt32LE(0xa1b2c3d4, 0);
    bytes.writeUInt16LE(2, 4);
    bytes.writeUInt16LE(4, 6);
    bytes.fill(0, 8, 16);
    bytes.writeUInt32LE(SNAP_BYTES, 16);
    bytes.writeUInt32LE(linkType, 20);
    this.length = FILE_HEADER_BYTES;
  }

  /** @param packet Copied. @param packetBytes Bytes of it that count, up to 65,535. */
  add(packet: Buffer, packetBytes: number, timeUs: number): void {
    const bytes = this.bytes;
    const at = this.length;
    const seconds = Math.floor(timeUs / 1_000_000);
    bytes.writeUInt32LE(seconds, at);
    bytes.writeUInt32LE(Math.floor(timeUs - seconds * 1_000_000), at + 4);
    bytes.writeUInt32LE(packetBytes, at + 8);
    bytes.writeUInt32LE(packetBytes, at + 12);
    packet.copy(bytes, at + RECORD_HEADER_BYTES, 0, packetBytes);
    this.length = at + RECORD_HEADER_BYTES + packetBytes;
  }

  clear(): void {
    this.length = 0;
  }
}
