/** All that waits for the rest of its compressed frame, over all connections. Beyond it, frames are lost and counted as such. */
const LIMIT_BYTES = 64 * 1024 * 1024;
/** What the compressed bytes of one packet may unfold to: a command of the largest length. Zlib cannot do more to one of 64 KiB, zstd can. */
const PLAIN_LIMIT_BYTES = 64 * 1024 * 1024;

/** One account for all compressed connections of an edge: each alone may hold 16 MiB a half, a thousand of them must not. */
export class FrameMemory {
  private heldBytes = 0;
  private plainBytes = 0;

  /** A packet begins, and with it a new allowance of plain bytes. */
  renewPlain(): void {
    this.plainBytes = 0;
  }

  /** @returns false when the packet in hand has unfolded to too much; the frame is lost then. */
  takePlain(bytes: number): boolean {
    if (this.plainBytes + bytes > PLAIN_LIMIT_BYTES) return false;
    this.plainBytes += bytes;
    return true;
  }

  /** @returns false when there is no room; nothing is taken then. */
  take(bytes: number): boolean {
    if (this.heldBytes + bytes > LIMIT_BYTES) return false;
    this.heldBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.heldBytes -= bytes;
  }
}
