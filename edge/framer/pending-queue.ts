// Hot path
/**
 * Commands that wait for their response, oldest first: a ring that grows to the deepest pipeline seen and is never shrunk, as
 * nearly all connections have one command at a time.
 */
export class PendingQueue {
  count = 0;
  private head = 0;
  private sequences: number[] = [0];
  private shapes: number[] = [0];
  private nextIds: number[] = [0];

  /** Sequence of the oldest one's message. */
  get sequence(): number {
    return this.sequences[this.head]!;
  }

  /** What answers it, a RESPONSE. */
  get shape(): number {
    return this.shapes[this.head]!;
  }

  /** Sequence id that the first packet of its response will have. */
  get nextId(): number {
    return this.nextIds[this.head]!;
  }

  add(sequence: number, shape: number, nextId: number): void {
    if (this.count === this.sequences.length) this.grow();
    const at = (this.head + this.count) & (this.sequences.length - 1);
    this.sequences[at] = sequence;
    this.shapes[at] = shape;
    this.nextIds[at] = nextId;
    this.count++;
  }

  dropOldest(): void {
    this.head = (this.head + 1) & (this.sequences.length - 1);
    this.count--;
  }

  /** Doubles the ring; its length stays a power of two. */
  private grow(): void {
    const turn = (ring: number[]) => [...ring.slice(this.head), ...ring.slice(0, this.head), ...ring];
    this.sequences = turn(this.sequences);
    this.shapes = turn(this.shapes);
    this.nextIds = turn(this.nextIds);
    this.head = 0;
  }
}
