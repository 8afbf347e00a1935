// Hot path
import type { TokenBuffer } from './token-buffer.ts';
import { C_NAME, C_NUMBER, C_PARAMETER, C_STRING, C_SYSTEM, CLOSE, OPEN, punct } from './token-codes.ts';
import { FIRST_FREE_CODE, G, id, WORD_GROUPS } from './words.ts';

const SELECT = id('select');
const NULL = id('null');
const TRUE = id('true');
const FALSE = id('false');
const EQUALS = punct('=');
const LESS = punct('<');
const GREATER = punct('>');
const NOT_MARK = punct('!');
const LIKE = id('like');
const RLIKE = id('rlike');
const REGEXP = id('regexp');
const IN = id('in');
const BETWEEN = id('between');

/** A string, a number or a placeholder. */
export function isLiteral(tokens: TokenBuffer, at: number): boolean {
  const code = tokens.code[at];
  return at >= 0 && at < tokens.length && (code === C_STRING || code === C_NUMBER || code === C_PARAMETER);
}

/** A literal, or NULL, TRUE, FALSE. */
export function isConstant(tokens: TokenBuffer, at: number): boolean {
  const code = tokens.code[at];
  return isLiteral(tokens, at) || code === NULL || code === TRUE || code === FALSE;
}

/** Whether a word of one of these groups stands at `at`. */
export function isOf(tokens: TokenBuffer, at: number, groups: number): boolean {
  const code = tokens.code[at]!;
  return (
    at >= 0 && at < tokens.length && code > C_NAME && code < FIRST_FREE_CODE && (WORD_GROUPS[code]! & groups) !== 0
  );
}

/** Whether a word is called as a function here. */
export function isCall(tokens: TokenBuffer, at: number): boolean {
  return at + 1 < tokens.length && tokens.code[at + 1] === OPEN;
}

/** End of the parenthesis that opens at `open`: its partner, or the last token there is. */
export function closeOf(tokens: TokenBuffer, open: number): number {
  const pair = tokens.pair[open]!;
  return pair < 0 ? tokens.length : pair;
}

/** Whether nothing in `[from, to)` depends on data. */
export function hasNoNames(tokens: TokenBuffer, from: number, to: number): boolean {
  return tokens.names[from] === tokens.names[to];
}

/** =, <, >, !=, LIKE, RLIKE, REGEXP, IN, BETWEEN. */
export function isComparison(code: number | undefined): boolean {
  return (
    code === EQUALS ||
    code === LESS ||
    code === GREATER ||
    code === LIKE ||
    code === RLIKE ||
    code === REGEXP ||
    code === IN ||
    code === BETWEEN ||
    code === NOT_MARK
  );
}

/** The first place in `[from, to)` with this code; -1 without one. */
export function find(tokens: TokenBuffer, code: number, from: number, to: number): number {
  for (let at = from; at < to; at++) if (tokens.code[at] === code) return at;
  return -1;
}

/** Whether the server is asked about itself at `at`: `user()`, `CURRENT_USER`, `@@version`. */
export function isAboutServer(tokens: TokenBuffer, at: number): boolean {
  const code = tokens.code[at];
  if (code === C_SYSTEM) return true;
  return isOf(tokens, at, G.info) && isCall(tokens, at) && tokens.code[at + 2] === CLOSE;
}

/** What is in the parentheses of a call, as far as it tells a question from a use. */
interface Inside {
  readonly hasSelect: boolean;
  readonly asksServer: boolean;
  readonly joinsText: boolean;
}

/** Looks at `[from, to)`, at most 120 tokens of it. */
export function insideOf(tokens: TokenBuffer, from: number, to: number): Inside {
  let hasSelect = false;
  let asksServer = false;
  let joinsText = false;
  const end = Math.min(to, from + 120);
  for (let at = from; at < end; at++) {
    if (tokens.code[at] === SELECT) hasSelect = true;
    else if (isAboutServer(tokens, at)) asksServer = true;
    else if (isOf(tokens, at, G.join_text) && isCall(tokens, at)) joinsText = true;
  }
  return { hasSelect, asksServer, joinsText };
}

/** Value of the decimal number at `at`; -1 where it is none or too long to matter. */
export function numberAt(tokens: TokenBuffer, at: number): number {
  // The masked text shows neither which number this is, nor whether it is one.
  if (isLiteral(tokens, at)) tokens.hasLooked = true;
  if (tokens.code[at] !== C_NUMBER) return -1;
  let value = 0;
  const end = tokens.end[at]!;
  if (end - tokens.start[at]! > 15) return -1;
  for (let i = tokens.start[at]!; i < end; i++) {
    const digit = tokens.bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Bytes of the token at `at`. */
export function lengthOf(tokens: TokenBuffer, at: number): number {
  return tokens.end[at]! - tokens.start[at]!;
}

/** Whether the literal at `at` is written in hexadecimal: `0x…`, `x'…'`. */
export function isHex(tokens: TokenBuffer, at: number): boolean {
  const code = tokens.code[at];
  if (isLiteral(tokens, at)) tokens.hasLooked = true;
  if (code !== C_NUMBER && code !== C_STRING) return false;
  const first = tokens.bytes[tokens.start[at]!]!;
  const second = tokens.bytes[tokens.start[at]! + 1]! | 0x20;
  return (
    lengthOf(tokens, at) > 3 && ((first === 0x30 && second === 0x78) || ((first | 0x20) === 0x78 && second === 0x27))
  );
}
