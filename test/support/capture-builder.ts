/** Writes captures for tests: pcap and pcapng, of either byte order, as the drafts of the IETF's opsawg define them. */

export interface CapturedPacket {
  readonly bytes: Uint8Array;
  /** Units of the capture's own clock since the epoch: µs or ns for pcap, ticks of if_tsresol for pcapng. */
  readonly time?: bigint;
  /** The length on the wire; that of `bytes` where absent. */
  readonly originalBytes?: number;
}

export interface PcapOptions {
  readonly bigEndian?: boolean;
  readonly nanoseconds?: boolean;
  /** Kuznetzov's variant with 24-byte record headers. */
  readonly modified?: boolean;
  /** The whole field, FCS bits included. 1 (Ethernet) where absent. */
  readonly linkType?: number;
}

/** A pcap file. */
export function buildPcap(packets: readonly CapturedPacket[], options: PcapOptions = {}): Buffer {
  const put = new Writer(options.bigEndian ?? false);
  put.u32(options.modified ? 0xa1b2cd34 : options.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
  put.u16(2).u16(4).u32(0).u32(0).u32(262_144);
  put.u32(options.linkType ?? 1);
  const perSecond = options.nanoseconds ? 1_000_000_000n : 1_000_000n;
  for (const { bytes, time = 0n, originalBytes = bytes.length } of packets) {
    put.u32(Number(time / perSecond)).u32(Number(time % perSecond));
    put.u32(bytes.length).u32(originalBytes);
    if (options.modified) put.u32(0).u16(0).u16(0);
    put.bytes(bytes);
  }
  return put.toBuffer();
}

export interface PcapngOption {
  readonly code: number;
  /** The value, or a number that is written as 64 bits in the section's byte order. */
  readonly value: Uint8Array | bigint;
}

/** The blocks of one pcapng section; join their results with `Buffer.concat`. */
export class PcapngBuilder {
  readonly #bigEndian: boolean;

  constructor(options: { bigEndian?: boolean } = {}) {
    this.#bigEndian = options.bigEndian ?? false;
  }

  section(): Buffer {
    return this.block(0x0a0d0d0a, (put) => put.u32(0x1a2b3c4d).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff));
  }

  interface(linkType: number, snapBytes: number, options: readonly PcapngOption[] = []): Buffer {
    return this.block(1, (put) => put.u16(linkType).u16(0).u32(snapBytes).options(options));
  }

  enhanced(interfaceId: number, packet: CapturedPacket, options: readonly PcapngOption[] = []): Buffer {
    const { bytes, time = 0n, originalBytes = bytes.length } = packet;
    return this.block(6, (put) => {
      put
        .u32(interfaceId)
        .u32(Number(time >> 32n))
        .u32(Number(time & 0xffffffffn));
      put.u32(bytes.length).u32(originalBytes).padded(bytes).options(options);
    });
  }

  simple(packet: CapturedPacket): Buffer {
    return this.block(3, (put) => put.u32(packet.originalBytes ?? packet.bytes.length).padded(packet.bytes));
  }

  /** The obsolete packet block. */
  packet(interfaceId: number, packet: CapturedPacket): Buffer {
    const { bytes, time = 0n, originalBytes = bytes.length } = packet;
    return this.block(2, (put) => {
      put
        .u16(interfaceId)
        .u16(0xffff)
        .u32(Number(time >> 32n))
        .u32(Number(time & 0xffffffffn));
      put.u32(bytes.length).u32(originalBytes).padded(bytes);
    });
  }

  statistics(interfaceId: number, options: readonly PcapngOption[]): Buffer {
    return this.block(5, (put) => put.u32(interfaceId).u32(0).u32(0).options(options));
  }

  /** Any block; `write` puts its body. */
  block(type: number, write: (put: Writer) => void): Buffer {
    const body = new Writer(this.#bigEndian);
    write(body);
    const content = body.toBuffer();
    const put = new Writer(this.#bigEndian);
    const total = 12 + Math.ceil(content.length / 4) * 4;
    put.u32(type).u32(total).padded(content).u32(total);
    return put.toBuffer();
  }
}

/** Puts integers in one byte order. */
class Writer {
  readonly #bigEndian: boolean;
  readonly #parts: Uint8Array[] = [];

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  u16(value: number): this {
    const part = Buffer.alloc(2);
    if (this.#bigEndian) part.writeUInt16BE(value);
    else part.writeUInt16LE(value);
    return this.bytes(part);
  }

  u32(value: number): this {
    const part = Buffer.alloc(4);
    if (this.#bigEndian) part.writeUInt32BE(value);
    else part.writeUInt32LE(value);
    return this.bytes(part);
  }

  u64(value: bigint): this {
    const part = Buffer.alloc(8);
    if (this.#bigEndian) part.writeBigUInt64BE(BigInt.asUintN(64, value));
    else part.writeBigUInt64LE(BigInt.asUintN(64, value));
    return this.bytes(part);
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(value);
    return this;
  }

  padded(value: Uint8Array): this {
    return this.bytes(value).bytes(Buffer.alloc((4 - (value.length % 4)) % 4));
  }

  options(options: readonly PcapngOption[]): this {
    if (options.length === 0) return this;
    for (const { code, value } of options) {
      if (typeof value === 'bigint') this.u16(code).u16(8).u64(value);
      else this.u16(code).u16(value.length).padded(value);
    }
    return this.u16(0).u16(0);
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
