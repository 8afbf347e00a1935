// Hot path
import { IS_DIGIT, IS_WORD } from './byte-classes.ts';
import { mayFollow } from './quote-phase.ts';
import { isCode } from './quoted-code.ts';

const QUOTE = 0x27;
const BACKSLASH = 0x5c;
const DOT = 0x2e;

/** 1 for the bytes before and after a string that leave no doubt that it stands where SQL has one (`isOutOfPhase`). */
const BEFORE = new Uint8Array(256);
for (const character of '=(,<>') BEFORE[character.charCodeAt(0)] = 1;
const AFTER = new Uint8Array(256);
for (const character of '=<>!+-*%&|^,);') AFTER[character.charCodeAt(0)] = 1;

/**
 * End of the string in single quotes at `from` where a look at it is enough: no backslash of unknown meaning, no doubled quote, no
 * half of a pair, ordinary neighbours. Most strings are so, and need no lexer: insertions take a third less time.
 *
 * @param begin Start of the text.
 * @param previousEnd End of the token before the string.
 * @param noBackslashEscapes Null where it is not known.
 * @returns `from` where the lexer has to look.
 */
export function plainStringEnd(
  bytes: Uint8Array,
  begin: number,
  previousEnd: number,
  from: number,
  limit: number,
  pairs: Uint8Array | null,
  noBackslashEscapes: boolean | null,
): number {
  if (previousEnd === begin || BEFORE[bytes[previousEnd - 1]!] === 0) return from;
  const most = pairs === null ? 0xff : 0x7f;
  let at = from + 1;
  for (;;) {
    if (at >= limit) return from;
    const c = bytes[at]!;
    if (c === QUOTE) break;
    if (c > most) return from;
    at++;
    if (c === BACKSLASH) {
      if (noBackslashEscapes === null) return from;
      if (!noBackslashEscapes) at++;
    }
  }
  const to = at + 1;
  let next = to;
  while (next < limit && bytes[next]! <= 0x20) next++;
  if (next < limit && AFTER[bytes[next]!] === 0 && (next === to || !mayFollow(bytes, from, to, next, limit)))
    return from;
  return isCode(bytes, from, to, next, limit, false) ? from : to;
}

/** End of the decimal number at `from`, a digit; `from` where the lexer has to look: an exponent, a word, a name before. */
export function plainNumberEnd(bytes: Uint8Array, begin: number, from: number, limit: number): number {
  if (from > begin && bytes[from - 1] === DOT) return from;
  let at = from + 1;
  while (at < limit && IS_DIGIT[bytes[at]!] === 1) at++;
  if (at >= limit) return at;
  if (bytes[at] === DOT) {
    at++;
    while (at < limit && IS_DIGIT[bytes[at]!] === 1) at++;
    if (at >= limit) return at;
  }
  return IS_WORD[bytes[at]!] === 1 ? from : at;
}
