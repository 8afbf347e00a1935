// Hot path
/**
 * Commands that wait for their response, oldest first. Nearly all connections have one at a time, so the oldest is held in place:
 * with thousands of connections each further object of one is a cache miss. What is pipelined behind it waits in an array.
 */
export class PendingQueue {
  count = 0;
  /** Sequence of the oldest one's message. */
  sequence = 0;
  /** What answers it, a RESPONSE. */
  shape = 0;
  /** Sequence id that the first packet of its response will have. */
  nextId = 0;
  /** Sequence, shape and id of each one behind it, from `head` on; null where nothing was ever pipelined. */
  private later: number[] | null = null;
  private head = 0;

  add(sequence: number, shape: number, nextId: number): void {
    if (this.count++ === 0) {
      this.sequence = sequence;
      this.shape = shape;
      this.nextId = nextId;
      return;
    }
    this.later ??= [];
    this.later.push(sequence, shape, nextId);
  }

  dropOldest(): void {
    if (--this.count === 0) return;
    const later = this.later!;
    const { head } = this;
    this.sequence = later[head]!;
    this.shape = later[head + 1]!;
    this.nextId = later[head + 2]!;
    this.head = head + 3;
    if (this.head === later.length) {
      this.later = null;
      this.head = 0;
    } else if (this.head >= SPENT) {
      later.splice(0, this.head);
      this.head = 0;
    }
  }
}

/** Entries that are used up are dropped from the array once there are so many numbers of them. */
const SPENT = 3 * 1024;
