/** All that waits for the rest of its compressed frame, over all connections. Beyond it, frames are lost and counted as such. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/** One account for all compressed connections of an edge: each alone may hold 16 MiB a half, a thousand of them must not. */
export class FrameMemory {
  private heldBytes = 0;

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
