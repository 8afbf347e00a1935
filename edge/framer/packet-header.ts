// Hot path
import type { HalfStream } from './half-stream.ts';

export const HEADER_BYTES = 4;

/** A packet of this length is continued by the next one. */
export const LONGEST_PACKET = 0xff_ffff;

/** Reads a packet header, which may come in pieces; returns where its bytes end. `headerBytes` is 4 once it is whole. */
export function readHeader(half: HalfStream, bytes: Buffer, start: number, end: number, timeUs: number): number {
  let at = start;
  if (half.headerBytes === 0) {
    if (!half.isContinuation) half.commandUs = timeUs;
    half.header = 0;
    if (end - at >= HEADER_BYTES) {
      half.packetBytes = half.remaining = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
      half.sequenceId = bytes[at + 3]!;
      half.headerBytes = HEADER_BYTES;
      half.packets++;
      return at + HEADER_BYTES;
    }
  }
  while (at < end && half.headerBytes < HEADER_BYTES) {
    if (half.headerBytes === 3) half.sequenceId = bytes[at]!;
    else half.header |= bytes[at]! << (8 * half.headerBytes);
    half.headerBytes++;
    at++;
  }
  if (half.headerBytes === HEADER_BYTES) {
    half.packetBytes = half.remaining = half.header;
    half.packets++;
  }
  return at;
}
