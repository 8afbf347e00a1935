// Hot path
/**
 * Where one half of a connection stands in its MySQL packets: a packet is 3 bytes length, 1 byte sequence id, payload; a
 * payload of 0xffffff bytes is continued by the next packet, together they are one message.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
 */
export class HalfStream {
  // What each packet needs stands first and so in few cache lines, which counts with thousands of connections.
  /** Bytes of this half so far, those of gaps included. */
  offset = 0;
  /** The next byte is known to be at a packet border or inside the packet below. */
  isSynced = true;
  /** Bytes of the current header that came, 0 to 3; 4 while inside a payload. */
  headerBytes = 0;
  /** Packets of the message so far. */
  packets = 0;
  packetBytes = 0;
  /** The message's bytes are counted, not kept. */
  isSkipping = false;
  /** The current packet continues a message (the one before was 0xffffff long). */
  isContinuation = false;
  sequenceId = 0;
  /** Payload bytes of the current packet that are still to come. */
  remaining = 0;
  header = 0;
  /** Capture time of the message's first packet: of its last byte, or of its first while it is not whole. */
  commandUs = 0;

  /** First byte of the message, while it comes in parts. */
  firstByte = 0;
  /** Length of the message so far, kept or not; headers not counted. */
  messageBytes = 0;
  /** Bytes of the message were lost: what follows of it is not kept. */
  hasGap = false;
  kept: Buffer | null = null;
  keptBytes = 0;

  /** Appends to what is kept of the message; the caller bounds the length. */
  keep(bytes: Buffer, start: number, end: number): void {
    const needed = this.keptBytes + end - start;
    let { kept } = this;
    if (kept === null || kept.length < needed) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, kept === null ? 1024 : kept.length * 2));
      if (kept !== null) kept.copy(grown, 0, 0, this.keptBytes);
      kept = this.kept = grown;
    }
    bytes.copy(kept, this.keptBytes, start, end);
    this.keptBytes = needed;
  }

  /** Forgets the message; an idle connection keeps no buffer. */
  endMessage(): void {
    this.isContinuation = false;
    this.messageBytes = 0;
    this.packets = 0;
    this.hasGap = false;
    this.isSkipping = false;
    this.keptBytes = 0;
    this.kept = null;
  }

  /** Forgets the message and the place in it: nothing is read until a border is found again. */
  loseSync(): void {
    this.isSynced = false;
    this.headerBytes = 0;
    this.remaining = 0;
    this.endMessage();
  }
}
