// Hot path
import { GAP_BLANK, GAP_COMMENT, GAP_ODD_BLANK, GAP_ONLY_COMMENT } from './token-codes.ts';

/** What stands between two tokens, in `bytes[from, to)`, which is not empty. */
export function gapKind(bytes: Uint8Array, from: number, to: number): number {
  let blanks = 0;
  let at = from;
  let isOdd = false;
  while (at < to) {
    const c = bytes[at]!;
    if (c > 0x20 && c < 0x7f) break;
    blanks++;
    if (c === 0x0b || c === 0x0c || c === 0xa0) isOdd = true;
    at++;
  }
  if (at >= to) return isOdd ? GAP_ODD_BLANK : GAP_BLANK;
  return blanks === 0 && bytes[to - 1] === 0x2f ? GAP_ONLY_COMMENT : GAP_COMMENT;
}
