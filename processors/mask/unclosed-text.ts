import { IS_WORD } from './byte-classes.ts';
import { isKeyword } from './keywords.ts';
import type { Lexer } from './lexer.ts';
import { looksLikeValue } from './scan.ts';
import { T_CLOSE, T_END, T_IDENTIFIER, T_OPEN, T_PUNCT, T_STRING, T_WORD } from './token-kinds.ts';

const MARK = 0x3f;
/** No keyword is longer. */
const LONGEST_KEYWORD = 64;

/**
 * Where a text that ends unclosed may first show what it ought to hide. In `email = ''' AND hash = MD5('secret')`, the
 * commonest probe for SQL injection, one quote too many turns strings inside out: all from the first string on may be a
 * value, and so may a quoted identifier that holds more than a name. A text that does not begin as a statement does (a word
 * of the language, a parenthesis, a comment) has lost its head and is in doubt from there.
 *
 * @param lexer At the beginning of the text.
 * @returns `end` where nothing of the text is in doubt.
 */
export function firstDoubt(lexer: Lexer, bytes: Uint8Array, end: number): number {
  let isFirst = true;
  for (;;) {
    const kind = lexer.next();
    if (kind === T_END) return end;
    const isMark = kind === T_PUNCT || kind === T_OPEN || kind === T_CLOSE;
    if (isFirst && !isMark && !beginsStatement(kind, bytes, lexer.start, lexer.end, end)) return lexer.start;
    isFirst &&= isMark;
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

/** A byte that is no letter becomes one, U+FFFD, when the text is shown: a word that it follows is no keyword then. */
function beginsStatement(kind: number, bytes: Uint8Array, start: number, end: number, textEnd: number): boolean {
  if (kind !== T_WORD || end - start > LONGEST_KEYWORD || (end < textEnd && bytes[end]! >= 0x80)) return false;
  return isKeyword(
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
      .toString('latin1')
      .toLowerCase(),
  );
}

/** `start` is at the opening quote; the closing one may be missing. */
function isPlainName(bytes: Uint8Array, start: number, end: number): boolean {
  const last = end - 1 > start && bytes[end - 1] === bytes[start] ? end - 1 : end;
  for (let at = start + 1; at < last; at++) if (IS_WORD[bytes[at]!] !== 1 && bytes[at]! < 0x80) return false;
  return last === start + 1 || !looksLikeValue(bytes, start + 1, last);
}
