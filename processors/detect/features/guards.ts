// Hot path
import { isSameText } from './alternatives.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_STRING, CLOSE, OPEN, punct } from './token-codes.ts';
import { insideOf, isComparison, isLiteral, lengthOf, numberAt } from './token-reading.ts';
import { id, ids } from './words.ts';

const OR = id('or');
const NOT = id('not');
const IN = id('in');
const NULL = id('null');
const LIKE = id('like');
const EQUALS = punct('=');
const LESS = punct('<');
const GREATER = punct('>');
const MINUS = punct('-');
const NOT_SIGN = punct('!');
const BEFORE = ids('and where');
/** Tokens behind a guard in which what it guards is looked for. */
const LONGEST_ALTERNATIVE = 24;

/** `OR 1 = 0`, `OR 1 <> 1`, `NOT IN (NULL) OR (1 = 1)`: what builders write for a list without elements. */
export function isEmptyAlternative(tokens: TokenBuffer, connector: number, from: number, to: number): boolean {
  const { code } = tokens;
  const [left, right] = [numberAt(tokens, from), numberAt(tokens, to - 1)];
  if (to - from === 3 && left + right === 1) return true;
  const isUnequal = code[from + 1] === NOT_SIGN || (code[from + 1] === LESS && code[from + 2] === GREATER);
  if (to - from === 4 && isUnequal) return left === 1 && right === 1;
  return (
    to - from === 3 &&
    left === 1 &&
    right === 1 &&
    code[connector - 1] === CLOSE &&
    code[connector - 2] === NULL &&
    code[connector - 4] === IN &&
    code[connector - 5] === NOT
  );
}

/**
 * `('x' = '' OR name = 'x')`, `(0 = 0 OR shelf = 0)`, `('all' = 'all' OR state = 'all')`: an optional filter of which the application
 * wrote the value into the text, before what it is to be compared with.
 */
export function isGuard(tokens: TokenBuffer, from: number, to: number): boolean {
  const { code } = tokens;
  let next = to;
  while (code[next] === CLOSE) next++;
  if (code[next] !== OR) return false;
  if (isNothing(tokens, to - 1) || (to - from === 3 && isNothing(tokens, from))) {
    const { hasSelect, asksServer } = insideOf(tokens, from, to);
    return !hasSelect && !asksServer;
  }
  const begin = signed(tokens, from);
  if (code[begin - 1] !== OPEN || !BEFORE.has(code[begin - 2]!)) return false;
  if (code[from + 1] === IN && code[from + 2] === OPEN)
    return comparesColumn(tokens, next + 1, from + 2, to - from - 2);
  const equals = equalsIn(tokens, begin, to);
  return equals > 0 && comparesColumn(tokens, next + 1, begin, equals - begin);
}

/** The same with the column first: `(state = 'open' OR 'open' = 'all')`. With equal literals it would hold for every row. */
export function isGuardBehind(tokens: TokenBuffer, connector: number, from: number, to: number): boolean {
  const { code } = tokens;
  const begin = signed(tokens, from);
  if (code[from + 1] === IN && code[from + 2] === OPEN) {
    const list = connector - (to - from - 2);
    return code[list - 1] === IN && isSameText(tokens, list, from + 2, to - from - 2);
  }
  const equals = equalsIn(tokens, begin, to);
  if (equals < 0 || code[to] !== CLOSE || begin !== connector + 1) return false;
  const width = equals - begin;
  if (isSameText(tokens, begin, equals + 1, width)) return false;
  const value = connector - width;
  return code[value - 1] === EQUALS && isSameText(tokens, value, begin, width);
}

/** `''` or 0 */
function isNothing(tokens: TokenBuffer, at: number): boolean {
  return tokens.code[at] === C_STRING ? lengthOf(tokens, at) === 2 : numberAt(tokens, at) === 0;
}

/** Where a literal begins of which the sign was passed over. */
function signed(tokens: TokenBuffer, from: number): number {
  return tokens.code[from - 1] === MINUS ? from - 1 : from;
}

/** Place of the sign where `[from, to)` is one literal = another, both signed or not; -1 else. */
function equalsIn(tokens: TokenBuffer, from: number, to: number): number {
  const equals = from + ((to - from) >> 1);
  const isPair = (to - from === 3 || to - from === 5) && tokens.code[equals] === EQUALS;
  return isPair && isLiteral(tokens, equals - 1) && isLiteral(tokens, to - 1) ? equals : -1;
}

/** Whether the literal of `width` tokens at `literal` is what something is compared with behind `from`. */
function comparesColumn(tokens: TokenBuffer, from: number, literal: number, width: number): boolean {
  const { code } = tokens;
  const most = Math.min(tokens.length, from + LONGEST_ALTERNATIVE);
  for (let at = from + 1; at + width <= most && code[at] !== CLOSE; at++) {
    const isValue = isComparison(code[at - 1]) || code[at - 1] === LIKE || code[at - 1] === OPEN;
    if (isValue && isSameText(tokens, at, literal, width)) return true;
  }
  return false;
}
