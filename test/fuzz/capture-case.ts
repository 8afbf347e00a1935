import { buildPcap, PcapngBuilder } from '../support/capture-builder.ts';
import type { SeedCapture, SeedPacket } from './capture-seeds.ts';
import { Random } from './random.ts';

export interface CaptureCase {
  readonly bytes: Buffer;
  /** Length of each piece that the reader is given, the last one again and again. */
  readonly chunkBytes: readonly number[];
}

const CASE_PACKETS = 16;
const TELLING_WORDS = [0, 1, 3, 4, 8, 12, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0010_0001, 0x1a2b_3c4d, 0x0a0d_0d0a];
const TELLING_BYTES = [0x00, 0x01, 0x05, 0x06, 0x0f, 0x11, 0x29, 0x40, 0x45, 0x4f, 0x60, 0x7f, 0x80, 0xf0, 0xff];
/** Ethernet, IPv4 and TCP headers end here in most packets. */
const HEADER_BYTES = 54;

/** Case `number` of a run: packets of a seed capture in a row, in one of the formats, mutated. */
export function makeCaptureCase(seeds: readonly SeedCapture[], seed: number, number: number): CaptureCase {
  const random = new Random(seed, number);
  const capture = random.pick(seeds);
  const packets = pieceOf(capture, random);
  const level = random.below(4);
  if (level > 0) mutatePackets(packets, seeds, random);
  let bytes = written(packets, capture.linkType, random);
  if (level === 0 || random.oneIn(4)) bytes = mutateFile(bytes, seeds, random);
  const chunkBytes = random.oneIn(3) ? [1 + random.below(40), 1 + random.below(400)] : [bytes.length + 1];
  return { bytes, chunkBytes };
}

/** From the beginning, where logins are, or from anywhere. */
function pieceOf({ packets }: SeedCapture, random: Random): SeedPacket[] {
  const start = random.oneIn(2) ? 0 : random.below(packets.length);
  return packets.slice(start, start + 4 + random.below(CASE_PACKETS));
}

function mutatePackets(packets: SeedPacket[], seeds: readonly SeedCapture[], random: Random): void {
  for (let i = random.pick([0, 1, 3, packets.length]); i >= 0 && packets.length > 0; i--) {
    const at = random.below(packets.length);
    const { bytes, timeUs } = packets[at]!;
    switch (random.below(9)) {
      case 0:
        packets.splice(at, 1);
        break;
      case 1:
        packets.splice(random.below(packets.length), 0, packets[at]!);
        break;
      case 2:
        packets.splice(random.below(packets.length), 0, ...packets.splice(at, 1));
        break;
      case 3:
        packets[at] = { bytes: bytes.subarray(0, random.below(bytes.length + 1)), timeUs };
        break;
      case 4: {
        const other = random.pick(random.pick(seeds).packets).bytes;
        const head = bytes.subarray(0, random.below(bytes.length + 1));
        packets[at] = { bytes: Buffer.concat([head, other.subarray(random.below(other.length + 1))]), timeUs };
        break;
      }
      case 5:
        packets[at] = { bytes, timeUs: random.oneIn(2) ? random.u32() : timeUs + random.u32() * 1000 };
        break;
      case 6:
        packets[at] = { bytes: changed(bytes, random, Math.min(HEADER_BYTES, bytes.length)), timeUs };
        break;
      default:
        packets[at] = { bytes: changed(bytes, random, bytes.length), timeUs };
    }
  }
}

/** Bits flipped or bytes replaced within the first `length`. */
function changed(bytes: Buffer, random: Random, length: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = random.below(4); i >= 0 && length > 0; i--) {
    const at = random.below(length);
    copy[at] = random.oneIn(3) ? random.pick(TELLING_BYTES) : copy[at]! ^ (1 << random.below(8));
  }
  return copy;
}

function written(packets: readonly SeedPacket[], linkType: number, random: Random): Buffer {
  const bigEndian = random.oneIn(4);
  if (random.oneIn(2)) {
    const nanoseconds = random.oneIn(4);
    const unit = nanoseconds ? 1000n : 1n;
    const list = packets.map(({ bytes, timeUs }) => ({ bytes, time: BigInt(timeUs) * unit }));
    return buildPcap(list, { bigEndian, nanoseconds, modified: random.oneIn(8), linkType });
  }
  const builder = new PcapngBuilder({ bigEndian });
  const blocks = packets.map(({ bytes, timeUs }) => {
    const kind = random.below(8);
    if (kind === 0) return builder.simple({ bytes });
    return kind === 1
      ? builder.packet(0, { bytes, time: BigInt(timeUs) })
      : builder.enhanced(0, { bytes, time: BigInt(timeUs) });
  });
  return Buffer.concat([builder.section(), builder.interface(linkType, 262_144), ...blocks]);
}

/** Flips, cuts, lies in 32-bit fields, and the end of another capture. */
function mutateFile(bytes: Buffer, seeds: readonly SeedCapture[], random: Random): Buffer {
  let file: Buffer = Buffer.from(bytes);
  for (let i = random.below(3); i >= 0; i--) {
    switch (random.below(5)) {
      case 0:
        file = file.subarray(0, random.below(file.length + 1));
        break;
      case 1: {
        const at = random.below(file.length >> 2) * 4;
        if (at + 4 <= file.length) file.writeUInt32LE(random.pick(TELLING_WORDS), at);
        break;
      }
      case 2: {
        const other = random.pick(seeds);
        const more = written(pieceOf(other, random), other.linkType, random);
        const end = random.below(file.length + 1);
        file = Buffer.concat([file.subarray(0, end), more.subarray(random.oneIn(2) ? 0 : random.below(more.length))]);
        break;
      }
      default:
        file = changed(file, random, file.length);
    }
  }
  return file;
}
