// Hot path
import { IS_DIGIT, IS_WORD } from './byte-classes.ts';
import { isPair } from './scan-quoted.ts';

/** Bytes of an alias of 256 characters, the longest name the server takes, as most are written; beyond it stands a text. */
const LONGEST = 256;
/** A word of so many digits that begins with one may be a value. */
const FEWEST_DIGITS = 4;

/** 1 for ASCII bytes that names and the aliases of generated queries are made of: `posts->author.id`, `COUNT(*)`, `Order Details`. */
const IN_NAMES = new Uint8Array(256);
for (let c = 0; c < 256; c++) IN_NAMES[c] = c >= 0x80 || /[\w$ .\-#%()*/,:+?&[\]]/.test(String.fromCharCode(c)) ? 1 : 0;

/**
 * Whether what stands between `start` and `end`, the inside of a quoted identifier, is a name and no more. An injected back
 * quote turns code into one (`1`=`1` AND salary > 9000 AND `1`=`1`), and generated aliases quote the expression they name: where
 * it holds quotes, comparisons or values it is not shown. A quote in a word (`men's`) is one of its letters.
 *
 * @param pairs As in `stringEnd`.
 */
export function isName(bytes: Uint8Array, start: number, end: number, pairs: Uint8Array | null): boolean {
  if (start >= end) return true;
  if (end - start > LONGEST || (bytes[start] === 0x20 && bytes[end - 1] === 0x20)) return false;
  let quotes = 0;
  let others = 0;
  for (let at = start; at < end; at++) {
    const c = bytes[at]!;
    if (IS_WORD[c] === 1) {
      const from = at;
      let digits = 0;
      while (at < end && IS_WORD[bytes[at]!] === 1) digits += IS_DIGIT[bytes[at++]!]!;
      const isValue = IS_DIGIT[bytes[from]!] === 1 && (digits >= FEWEST_DIGITS || isRadix(bytes, from, at));
      if (isValue && (from === start || bytes[from - 1]! < 0x80)) return false;
      at--;
    } else if (c >= 0x80) {
      if (pairs !== null && isPair(pairs, bytes, at, end)) at++;
    } else if (c === 0x27 || c === 0x22) quotes++;
    else if (c === 0x60) at++;
    // GRANT … ON `some\_schema`.*
    else if (c === 0x5c && (bytes[at + 1] === 0x5f || bytes[at + 1] === 0x25)) at++;
    else if (IN_NAMES[c] === 0 && !(c === 0x3e && at > start && bytes[at - 1] === 0x2d)) return false;
    else if (at > start && (c === 0x2a || c === 0x2d) && bytes[at - 1] === (c === 0x2a ? 0x2f : 0x2d)) return false;
    else others++;
  }
  return quotes === 0 || (quotes === 1 && others === 0);
}

function isRadix(bytes: Uint8Array, from: number, to: number): boolean {
  const radix = to - from > 2 && bytes[from] === 0x30 ? bytes[from + 1]! | 0x20 : 0;
  return radix === 0x78 || radix === 0x62;
}
