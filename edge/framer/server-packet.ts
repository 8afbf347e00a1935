/**
 * One packet of a server, reused from packet to packet. Where nobody wanted its bytes, only `first`, `length` and `timeUs` say
 * something.
 */
export class ServerPacket {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** Its first byte; -1 when it is empty. */
  first = -1;
  /** Length of its payload, also where that was not kept. */
  length = 0;
  /** When its last byte was captured. */
  timeUs = 0;

  set(bytes: Buffer, start: number, end: number, first: number, length: number, timeUs: number): this {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.first = first;
    this.length = length;
    this.timeUs = timeUs;
    return this;
  }
}
