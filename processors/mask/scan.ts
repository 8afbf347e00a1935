// Hot path
import { IS_DIGIT, IS_WORD } from './byte-classes.ts';
import { LONGEST_KEY_ID, TOKEN_DIGITS } from './policy-token.ts';

/** `*` and `/` in a row somewhere in `bytes[start, end)`. */
export function holdsCommentEnd(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start + 1; i < end; i++) if (bytes[i] === 0x2f && bytes[i - 1] === 0x2a) return true;
  return false;
}

/** End of the line that `start` is in, without its line feed. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0x0a) at++;
  return at;
}

/** Position after the first comment end at or after `start`; `end + 1` when the comment is not closed. */
export function blockCommentEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) if (bytes[at] === 0x2f && bytes[at - 1] === 0x2a) return at + 1;
  return end + 1;
}

/**
 * End of the number that begins at `start` with a digit, or with a point before a digit, as the server's lexer ends it:
 * `1e10a` is 1e10 and a, `1.e5`, `.5` and `0x1F` are one number.
 * @returns The end; negative (`-end`) where the digits lead a bare word (`41d4`), which the server takes for an identifier.
 */
export function numberEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (bytes[at] !== 0x2e) {
    const radix = at + 1 < end ? bytes[at + 1]! | 0x20 : 0;
    if (bytes[at] === 0x30 && (radix === 0x78 || radix === 0x62)) return wordEnd(bytes, at, end);
    at = digitsEnd(bytes, at, end);
    if (at >= end) return at;
    const exponent = exponentEnd(bytes, at, end);
    if (exponent > at) return exponent;
    if (IS_WORD[bytes[at]!] === 1) return -wordEnd(bytes, at, end);
    if (bytes[at] !== 0x2e) return at;
  }
  at = digitsEnd(bytes, at + 1, end);
  return exponentEnd(bytes, at, end);
}

/** End of the exponent at `at`; `at` itself when there is none. */
function exponentEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end || (bytes[at]! | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? 1 : 0;
  const digits = at + 1 + sign;
  return digits < end && IS_DIGIT[bytes[digits]!] === 1 ? digitsEnd(bytes, digits, end) : at;
}

/** End of the version that follows `/*!`: five or six digits; `start` where there is none, as any other number is a number. */
export function versionEnd(bytes: Uint8Array, start: number, end: number): number {
  const stop = digitsEnd(bytes, start, end);
  return stop - start === 5 || stop - start === 6 ? stop : start;
}

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && IS_DIGIT[bytes[at]!] === 1) at++;
  return at;
}

/** End of the `?` at `start`, or of a token that a policy put there (`?h1:` and lower-case hex digits). */
export function placeholderEnd(bytes: Uint8Array, start: number, end: number): number {
  const colon = wordEnd(bytes, start + 1, Math.min(end, start + 2 + LONGEST_KEY_ID));
  if (colon === start + 1 || colon + TOKEN_DIGITS >= end || bytes[colon] !== 0x3a) return start + 1;
  const stop = wordEnd(bytes, colon + 1, Math.min(end, colon + 2 + TOKEN_DIGITS));
  if (stop !== colon + 1 + TOKEN_DIGITS) return start + 1;
  for (let at = colon + 1; at < stop; at++) {
    const c = bytes[at]!;
    if (IS_DIGIT[c] === 0 && (c < 0x61 || c > 0x66)) return start + 1;
  }
  return stop;
}

/** End of the ASCII letters, digits, `_` and `$` from `start` on. */
export function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && IS_WORD[bytes[at]!] === 1) at++;
  return at;
}

/**
 * Whether a bare word that begins with a digit or `$` may be a value: four or more digits, a radix prefix, or a size as in `16M`.
 * Such words are masked although the server takes them for identifiers.
 */
export function looksLikeValue(bytes: Uint8Array, start: number, end: number): boolean {
  let digits = 0;
  for (let at = start; at < end; at++) digits += IS_DIGIT[bytes[at]!]!;
  if (digits >= 4) return true;
  if (digits === end - start) return true;
  if (bytes[start] === 0x30 && end - start > 2) {
    const radix = bytes[start + 1]! | 0x20;
    if (radix === 0x78 || radix === 0x62) return true;
  }
  return digits === end - start - 1 && bytes[start] !== 0x24 && isSizeSuffix(bytes[end - 1]! | 0x20);
}

/** Whether what follows an `@` is no variable or host but a value: `@4111111111111111`, and `@$$ … $$` for MySQL 9. */
export function beginsAsValue(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]!;
  if (first === 0x24) return true;
  if (IS_DIGIT[first] === 0 && first !== 0x2e) return false;
  let digits = 0;
  let isAddress = true;
  for (let at = start; at < end; at++) {
    if (IS_DIGIT[bytes[at]!] === 1) {
      if (++digits >= 4) return true;
    } else if (bytes[at] !== 0x2e) isAddress = false;
    else if (isAddress) digits = 0;
  }
  return false;
}

function isSizeSuffix(letter: number): boolean {
  return letter === 0x6b || letter === 0x6d || letter === 0x67 || letter === 0x74 || letter === 0x70 || letter === 0x65;
}

/** Length of the tag `$$` or `$word$` at `start`; 0 where there is none. */
export function dollarTagLength(bytes: Uint8Array, start: number, limit: number, words: Uint8Array): number {
  let at = start + 1;
  while (at < limit && bytes[at] !== 0x24 && words[bytes[at]!] === 1) at++;
  return at < limit && bytes[at] === 0x24 ? at + 1 - start : 0;
}

/**
 * End of a dollar-quoted body, of which the opening tag stands at `start`.
 * @returns The position after the closing tag; -1 where it is missing, or where the body holds what begins a string or comment
 * for servers without such bodies: then what follows has more than one reading.
 */
export function dollarBodyEnd(bytes: Uint8Array, start: number, tagLength: number, limit: number): number {
  for (let end = start + tagLength; end + tagLength <= limit; end++) {
    const c = bytes[end]!;
    if (c === 0x24) {
      let same = 1;
      while (same < tagLength && bytes[end + same] === bytes[start + same]) same++;
      if (same === tagLength) return end + tagLength;
    } else if (c === 0x27 || c === 0x22 || c === 0x60 || c === 0x23 || c === 0x2d || c === 0x2f) return -1;
  }
  return -1;
}
