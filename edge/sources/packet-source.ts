/**
 * Where packets come from. A source reads in chunks; for each packet of a chunk it calls `onPacket` synchronously and
 * when the chunk is used up, or it is told to pause, it awaits `afterChunk`, which is where back-pressure is applied.
 */
export interface PacketSource {
  /** What a person calls it: the file's path, `standard input`, or `lo (tcpdump)`. */
  readonly name: string;
  /**
   * Delivers packets until the source ends or `signal` aborts (what was already read is still delivered, then it resolves).
   * @throws SqltrailError with a code `capture_*` or `interface_unknown` when the source cannot be read.
   */
  run(onPacket: PacketHandler, afterChunk: () => Promise<void> | void, signal: AbortSignal): Promise<void>;
  /** To be called from within `onPacket`, whose receiver is full: `afterChunk` is awaited before the next packet. */
  pause(): void;
  /** Current counters; cheap, may be called at any time. */
  counters(): SourceCounters;
}

/**
 * Hot path: one call a packet.
 * @param bytes A view that is valid only during the call; copy what you keep.
 * @param start Offset of the first captured byte of the frame in `bytes`.
 * @param end Offset after the last captured byte.
 * @param originalBytes Length of the frame on the wire; larger than `end - start` where the capture cut it.
 * @param timeUs Capture time in µs since the epoch (nanosecond captures are floored).
 * @param linkType LINKTYPE_ number of the frame (https://www.tcpdump.org/linktypes.html).
 */
export type PacketHandler = (
  bytes: Buffer,
  start: number,
  end: number,
  originalBytes: number,
  timeUs: number,
  linkType: number,
) => void;

/** What a source saw. Drop counters are null where the source has no way to know (files, `cap`). */
export interface SourceCounters {
  packets: number;
  bytes: number;
  /** Bytes of the input used so far and its size where known (null for pipes), for progress lines. */
  readBytes: number;
  sizeBytes: number | null;
  droppedByKernel: number | null;
  droppedByInterface: number | null;
  /** Set when the input ended inside a record: the file was cut. */
  truncated: boolean;
}
