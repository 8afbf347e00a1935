import { isSameText } from './alternatives.ts';
import type { TokenBuffer } from './token-buffer.ts';
import {
  C_AMPERSANDS,
  C_NUMBER,
  C_PARAMETER,
  C_PIPES,
  C_STRING,
  C_SYSTEM,
  CLOSE,
  COMMA,
  OPEN,
  punct,
  SEMICOLON,
} from './token-codes.ts';
import { closeOf, find, isCall, isComparison, isHex, isOf, lengthOf, numberAt } from './token-reading.ts';
import { G, id, ids } from './words.ts';

const AND = id('and');
const OR = id('or');
const XOR = id('xor');
const NULL = id('null');
const EQUALS = punct('=');

/** Whether an operand ends before this token. */
export function ends(tokens: TokenBuffer, at: number): boolean {
  const code = tokens.code[at]!;
  return (
    code === AND ||
    code === OR ||
    code === XOR ||
    code === C_PIPES ||
    code === C_AMPERSANDS ||
    code === CLOSE ||
    code === COMMA ||
    code === SEMICOLON ||
    isOf(tokens, at, G.clause)
  );
}

/** `id = id`, `t.id = t.id`: a column compared with itself. */
export function comparesWithItself(tokens: TokenBuffer, from: number, comparison: number, to: number): boolean {
  const width = comparison - from;
  if (tokens.code[comparison] !== EQUALS || width === 0 || to - comparison - 1 !== width) return false;
  return tokens.names[from] !== tokens.names[comparison] && isSameText(tokens, from, comparison + 1, width);
}

/** `col IS NULL OR ? IS NULL`, and `'' = ''`-like guards of optional filters with NULL. */
export function isNullTest(tokens: TokenBuffer, from: number, to: number): boolean {
  return to - from === 3 && (tokens.code[from] === NULL || tokens.code[to - 1] === NULL);
}

/** Functions that say something else each time. */
const CHANGING = ids('rand now curdate sysdate uuid');

/** `AND RAND() < 0.1`, `AND NOW() < '2030-01-01'`: chance or the clock decides, which no attacker could ask for. */
export function isOfMoment(tokens: TokenBuffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (CHANGING.has(tokens.code[at]!) && isCall(tokens, at)) return true;
  return false;
}

export function hasParameter(tokens: TokenBuffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (tokens.code[at] !== C_PARAMETER) continue;
    tokens.hasLooked = true;
    return true;
  }
  tokens.hasLooked = true;
  return false;
}

/**
 * Builders write `1=1` and `1=0`; who tests for an injection writes numbers of more digits, strings, or what only a calculation
 * tells.
 */
export function isStriking(tokens: TokenBuffer, from: number, comparison: number, to: number, digits: number): boolean {
  const { code } = tokens;
  tokens.hasLooked = true;
  let right = comparison + 1;
  while (right < to && isComparison(code[right])) right++;
  if (find(tokens, C_SYSTEM, from, to) >= 0)
    return find(tokens, C_SYSTEM, from, comparison) >= 0 && find(tokens, C_SYSTEM, right, to) >= 0;
  if (comparison > from + 1 || right < to - 1) return digits < 3 || hasLongLiteral(tokens, from, to);
  if (code[from] === C_STRING || code[to - 1] === C_STRING) return true;
  if (code[from] !== C_NUMBER || code[to - 1] !== C_NUMBER) return false;
  if (digits === 2 && Math.max(numberAt(tokens, from), numberAt(tokens, to - 1)) > 2) return true;
  return (lengthOf(tokens, from) >= digits && lengthOf(tokens, to - 1) >= digits) || isHex(tokens, from);
}

/** Behind WHERE small numbers are what tests of databases calculate with. */
function hasLongLiteral(tokens: TokenBuffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++)
    if (tokens.code[at] === C_STRING || (tokens.code[at] === C_NUMBER && lengthOf(tokens, at) > 1)) return true;
  return false;
}

/** Place of the AND that belongs to BETWEEN, so that it ends no operand. */
export function betweenAnd(tokens: TokenBuffer, between: number): number {
  const most = Math.min(tokens.length, between + 12);
  for (let at = between + 1; at < most; at++) {
    if (tokens.code[at] === OPEN) at = closeOf(tokens, at);
    else if (tokens.code[at] === AND) return at;
  }
  return between;
}
