// Hot path
import { LEAD, TRAIL } from './client-charset.ts';

const BACKSLASH = 0x5c;

/** Whether the two bytes at `at` are one character of a set of pairs. */
export function isPair(pairs: Uint8Array, bytes: Uint8Array, at: number, limit: number): boolean {
  return at + 1 < limit && (pairs[bytes[at]!]! & LEAD) !== 0 && (pairs[bytes[at + 1]!]! & TRAIL) !== 0;
}

/**
 * Position after the closing quote of the string or quoted identifier whose opening quote is at `open`; `limit + 1` when it is
 * not closed. A doubled quote and, with `escapes`, a byte after a backslash belong to the string, and so does a trail byte
 * of `pairs`.
 */
export function stringEnd(
  bytes: Uint8Array,
  open: number,
  limit: number,
  quote: number,
  escapes: boolean,
  pairs: Uint8Array | null,
): number {
  let at = open + 1;
  while (at < limit) {
    const c = bytes[at]!;
    if (c === quote) {
      at++;
      if (at >= limit || bytes[at] !== quote) return at;
      at++;
    } else if (c === BACKSLASH && escapes) at += 2;
    else at += c >= 0x80 && pairs !== null && isPair(pairs, bytes, at, limit) ? 2 : 1;
  }
  return limit + 1;
}

export function holdsBackslash(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === BACKSLASH) return true;
  return false;
}
