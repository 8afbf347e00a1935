import { IS_WORD } from './byte-classes.ts';
import type { Lexer } from './lexer.ts';
import { looksLikeValue } from './scan.ts';
import { T_END, T_IDENTIFIER, T_STRING } from './token-kinds.ts';

const MARK = 0x3f;

/**
 * Where a text that ends unclosed may first show what it ought to hide. In `email = ''' AND hash = MD5('secret')`, the
 * commonest probe for SQL injection, one quote too many turns strings inside out: all from the first string on may be a
 * value, and so may a quoted identifier that holds more than a name.
 *
 * @param lexer At the beginning of the text.
 * @returns `end` where nothing of the text is in doubt.
 */
export function firstDoubt(lexer: Lexer, bytes: Uint8Array, end: number): number {
  for (;;) {
    const kind = lexer.next();
    if (kind === T_END) return end;
    if (kind === T_STRING) return lexer.start;
    if (kind === T_IDENTIFIER && !isPlainName(bytes, lexer.start, lexer.end)) return lexer.start;
  }
}

/** The text up to `to`, and `?` for all that came after it. */
export function hideFrom(bytes: Uint8Array, start: number, to: number): Uint8Array {
  const shown = new Uint8Array(to - start + 1);
  shown.set(bytes.subarray(start, to));
  shown[to - start] = MARK;
  return shown;
}

/** `start` is at the opening quote; the closing one may be missing. */
function isPlainName(bytes: Uint8Array, start: number, end: number): boolean {
  const last = end - 1 > start && bytes[end - 1] === bytes[start] ? end - 1 : end;
  for (let at = start + 1; at < last; at++) if (IS_WORD[bytes[at]!] !== 1 && bytes[at]! < 0x80) return false;
  return last === start + 1 || !looksLikeValue(bytes, start + 1, last);
}
