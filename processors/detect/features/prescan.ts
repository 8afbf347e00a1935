// Hot path
import { IS_DIGIT, IS_WORD } from '../../mask/byte-classes.ts';

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACK_QUOTE = 0x60;
const DASH = 0x2d;
const STAR = 0x2a;
const SLASH = 0x2f;

/** What outside of quotes needs a closer look, or may. */
const OUTSIDE = new Uint8Array(256);
/** What within a string may be the beginning of an attempt. */
const INSIDE = new Uint8Array(256);
for (let c = 0; c < 0x20; c++) OUTSIDE[c] = 1;
OUTSIDE[0x09] = OUTSIDE[0x0a] = OUTSIDE[0x0d] = 0;
for (let c = 0x7f; c < 0x100; c++) OUTSIDE[c] = 1;
for (const character of '#;$\\\'"`-/') OUTSIDE[character.charCodeAt(0)] = 1;
for (const character of '\'"\\()=#;|&') INSIDE[character.charCodeAt(0)] = 1;

/**
 * Whether nothing in a text asks for a look at more than its masked form: no comment, nothing behind a semicolon, no string that could
 * be an attempt at injection, no quote or blank of an odd kind. So it is with most statements, and takes a nanosecond a byte.
 */
export function isOrdinary(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const c = bytes[at]!;
    if (OUTSIDE[c] === 0) {
      at++;
      continue;
    }
    if (c === QUOTE || c === DOUBLE_QUOTE) {
      at = stringEnd(bytes, at + 1, end, c);
      if (at < 0) return false;
    } else if (c === BACK_QUOTE) {
      at++;
      while (at < end && bytes[at] !== BACK_QUOTE) at++;
      if (at >= end) return false;
      at++;
    } else if (c === DASH) {
      if (bytes[at + 1] === DASH) return false;
      at++;
    } else if (c === SLASH) {
      if (bytes[at + 1] === STAR) return false;
      at++;
    } else return c === 0x3b && isEnd(bytes, at + 1, end);
  }
  return true;
}

/** Behind the string that begins at `from`; -1 where it needs a closer look. */
function stringEnd(bytes: Uint8Array, from: number, end: number, quote: number): number {
  let at = from;
  // A value that begins as a number and goes on with words: `5 UNION …`; a date has no letters behind its blank.
  const isNumeric = from < end && (IS_DIGIT[bytes[from]!] === 1 || bytes[from] === DASH);
  while (at < end && INSIDE[bytes[at]!] === 0) {
    // A sign within a date or a name is no comment.
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return -1;
    if (bytes[at] === SLASH && bytes[at + 1] === STAR) return -1;
    if (isNumeric && bytes[at]! <= 0x20 && mayConnect(bytes[at + 1]! | 0x20, bytes[at + 2]! | 0x20)) return -1;
    at++;
  }
  if (at >= end || bytes[at] !== quote) return -1;
  at++;
  // A string that touches another or a word is one the lexer has to look at.
  return at < end && (bytes[at] === quote || IS_WORD[bytes[at]!] === 1 || bytes[at]! >= 0x80) ? -1 : at;
}

/** First letters of or, and, xor, having, union, rlike, order. */
function mayConnect(first: number, second: number): boolean {
  switch (first) {
    case 0x6f:
    case 0x20:
      return first === 0x20 || second === 0x72;
    case 0x61:
    case 0x75:
      return second === 0x6e;
    case 0x78:
      return second === 0x6f;
    case 0x68:
      return second === 0x61;
    default:
      return first === 0x72 && second === 0x6c;
  }
}

function isEnd(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (bytes[at]! > 0x20) return false;
  return true;
}
