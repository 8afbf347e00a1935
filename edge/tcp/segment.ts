export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

const NO_BYTES = Buffer.alloc(0);

/** One TCP segment off the fast path. A single instance is filled again and again: copy what you keep. */
export class Segment {
  fromClient = true;
  flags = 0;
  seq = 0;
  ack = 0;
  bytes: Buffer = NO_BYTES;
  /** Offset of the first data byte in `bytes`. */
  dataAt = 0;
  /** Data bytes there; less than `length` where the capture cut the frame. */
  captured = 0;
  /** Data in sequence space. */
  length = 0;
  timeUs = 0;

  isIpv6 = false;
  clientAt = 0;
  serverAt = 0;
  /** Client port << 16 | server port. */
  ports = 0;

  /** A SYN or SYN-ACK; a RST makes anything else meaningless. */
  get isSyn(): boolean {
    return (this.flags & (SYN | RST)) === SYN;
  }

  /**
   * May open a connection whose start was not captured. One byte is not enough: a keep-alive may carry one that is
   * not part of the stream (RFC 9293 3.8.4).
   */
  get opensMidstream(): boolean {
    return (this.flags & (SYN | ACK | RST)) === ACK && this.length > 1;
  }
}
