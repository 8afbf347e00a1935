import { SqltrailError } from '../../runtime/errors.ts';

/** Largest captured length of one packet, as in libpcap (MAXIMUM_SNAPLEN); a longer record means a damaged capture. */
export const MAX_PACKET_BYTES = 262_144;

/**
 * A parser of one capture format, fed by `CaptureReader` with whatever bytes are at hand. It keeps no bytes itself.
 * After `parse` has consumed nothing, `needed` is larger than what it was given: that is what makes the reader end.
 */
export interface CaptureFormat {
  readonly packets: number;
  readonly bytes: number;
  /** Drops that the capture itself reports; null where it says nothing. */
  readonly droppedByKernel: number | null;
  readonly droppedByInterface: number | null;
  /** True once packets may follow (the file header was read). */
  readonly isOpen: boolean;
  /** Set by whoever takes the packets: `parse` returns behind the packet in hand. */
  isPaused: boolean;
  /** Bytes from `start` that the next record needs, as far as `start..end` tells. */
  needed(bytes: Buffer, start: number, end: number): number;
  /**
   * Delivers every whole record of `start..end`, or up to where `isPaused` is set.
   * @param base Absolute position of `bytes[0]` in the input, for error messages.
   * @returns Where the first record that is not whole begins; beyond `end` where bytes that follow are to be skipped.
   * @throws SqltrailError `capture_format` at a record that cannot be.
   */
  parse(bytes: Buffer, start: number, end: number, base: number): number;
}

/**
 * The error for a capture whose records stop making sense.
 * @param name What a person calls the source.
 * @param position Byte at which the damaged record begins.
 */
export function damagedCapture(name: string, position: number, what: string): SqltrailError {
  return new SqltrailError(
    'capture_format',
    `${name} is damaged at byte ${position}: ${what}`,
    `Everything before byte ${position} was read. Take the capture again, or keep its sound part: head -c ${position} DAMAGED > SOUND`,
  );
}
