/** Memory charged for a held segment beyond its bytes: the object, its Buffer and ArrayBuffer (measured below 450 on Node 20). */
const HELD_SEGMENT_OVERHEAD_BYTES = 512;

/** A copy of a segment, or of a part of one, that cannot be delivered yet. */
export class HeldSegment {
  readonly seq: number;
  /** Length in sequence space; larger than `bytes.length` where the capture cut the frame. */
  readonly length: number;
  readonly ack: number;
  readonly bytes: Buffer;
  readonly timeUs: number;
  /** Number of the packet within its connection: the order of capture. */
  readonly packet: number;

  constructor(seq: number, length: number, ack: number, bytes: Buffer, timeUs: number, packet: number) {
    this.seq = seq;
    this.length = length;
    this.ack = ack;
    this.bytes = bytes;
    this.timeUs = timeUs;
    this.packet = packet;
  }

  get chargedBytes(): number {
    return this.bytes.length + HELD_SEGMENT_OVERHEAD_BYTES;
  }
}

/**
 * Copies `length` sequence numbers of which `captured` bytes are there. Buffers of their own (not Node's shared 8 KiB
 * slabs), so that a held byte never keeps more alive than what is charged for it.
 */
export function copySegment(
  seq: number,
  length: number,
  ack: number,
  source: Buffer,
  start: number,
  captured: number,
  timeUs: number,
  packet: number,
): HeldSegment {
  const bytes = Buffer.allocUnsafeSlow(captured);
  // Of a frame that the capture cut, `start` may lie behind the last byte there is, where copy throws.
  if (captured > 0) source.copy(bytes, 0, start, start + captured);
  return new HeldSegment(seq, length, ack, bytes, timeUs, packet);
}
