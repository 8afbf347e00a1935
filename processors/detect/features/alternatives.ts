// Hot path
import type { TokenBuffer } from './token-buffer.ts';
import { C_AMPERSANDS, C_NUMBER, C_PIPES, C_STRING, C_VARIABLE, COMMA, OPEN, punct } from './token-codes.ts';
import { hasNoNames, isComparison, isLiteral, lengthOf } from './token-reading.ts';
import { id, ids } from './words.ts';

const AND = id('and');
const OR = id('or');
const XOR = id('xor');
const IS = id('is');
const NOT = id('not');
const NULL = id('null');
const LIKE = id('like');
const BINARY = id('binary');
const SET = id('set');
const UPDATE = id('update');
const EQUALS = punct('=');
const COLON = punct(':');
const MINUS = punct('-');
const INSERTS = ids('insert replace');

/**
 * Conditions with columns in them that hold for every row all the same, or that stand where a program writes a value.
 *
 * @param connector AND, OR, XOR, `||` or `&&`, behind which the operand `[from, to)` stands.
 * @param comparison Of the operand; negative without one.
 */
export function isNoChoice(
  tokens: TokenBuffer,
  connector: number,
  from: number,
  comparison: number,
  to: number,
): boolean {
  const { code } = tokens;
  const connecting = code[connector]!;
  const isAlone = to === from + 1 && from === connector + 1;
  const left = code[connector - 1];
  if (connecting === AND || connecting === C_AMPERSANDS)
    return (isAlone && isBesideString(tokens, connector, from)) || beginsValue(tokens, connector);
  if (connecting === C_PIPES && isAlone && isLiteral(tokens, from) && code[connector - 2] === EQUALS) {
    tokens.hasLooked = true;
    return left === C_NUMBER || (left === C_STRING && lengthOf(tokens, connector - 1) === 2);
  }
  if (comparison > 0 && isEveryRow(tokens, connector, from, comparison, to)) return true;
  if (connecting !== OR && connecting !== XOR) return false;
  if (code[from] === C_VARIABLE && code[from + 1] === COLON && code[from + 2] === EQUALS)
    return hasNoNames(tokens, from + 3, to);
  return isOfValue(tokens, connector) || beginsValue(tokens, connector);
}

/** `= 'a' AND 'b'` */
function isBesideString(tokens: TokenBuffer, connector: number, from: number): boolean {
  const { code } = tokens;
  if (!isLiteral(tokens, from) || !isLiteral(tokens, connector - 1) || !isComparison(code[connector - 2])) return false;
  tokens.hasLooked = true;
  return code[from] === C_STRING && code[connector - 1] === C_STRING;
}

/** `a = 5 OR a IS NOT NULL`, `a = 5 OR a LIKE '%'`, `a = '' OR b LIKE '%'` */
function isEveryRow(tokens: TokenBuffer, connector: number, from: number, comparison: number, to: number): boolean {
  const { code } = tokens;
  const isAnyText = code[comparison] === LIKE && to === comparison + 2 && isPercent(tokens, comparison + 1);
  const isAnyValue =
    code[comparison] === IS &&
    to === comparison + 3 &&
    code[comparison + 1] === NOT &&
    code[comparison + 2] === NULL &&
    code[to] !== AND;
  if (!isAnyText && !isAnyValue) return false;
  // `OR (a IS NOT NULL AND …)` decides more.
  if (from !== connector + 1 || !isLiteral(tokens, connector - 1)) return false;
  const equals = code[connector - 2] === MINUS ? connector - 3 : connector - 2;
  if (code[equals] !== EQUALS) return false;
  if (isAnyText && code[connector - 1] === C_STRING && lengthOf(tokens, comparison + 1) === 3) return true;
  const width = comparison - from;
  return equals >= width && isSameText(tokens, equals - width, from, width);
}

/** `'%'`, `'%%'` */
function isPercent(tokens: TokenBuffer, at: number): boolean {
  const { code, bytes, start, end } = tokens;
  tokens.hasLooked = true;
  if (code[at] !== C_STRING) return false;
  for (let i = start[at]! + 1; i < end[at]! - 1; i++) if (bytes[i] !== 0x25) return false;
  return end[at]! - start[at]! > 2;
}

/** Whether two runs of as many tokens are written alike. */
export function isSameText(tokens: TokenBuffer, a: number, b: number, width: number): boolean {
  const { start, end, bytes } = tokens;
  const length = end[a + width - 1]! - start[a]!;
  if (end[b + width - 1]! - start[b]! !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start[a]! + i] !== bytes[start[b]! + i]) return false;
  return true;
}

/** `VALUES (1, '' OR …)`, `SET a = '' OR …`: a literal that is written or inserted decides nothing. */
function isOfValue(tokens: TokenBuffer, connector: number): boolean {
  const { code } = tokens;
  if (!tokens.isFirst || !isLiteral(tokens, connector - 1)) return false;
  const before = code[connector - 2];
  const isPlace = INSERTS.has(code[0]!)
    ? before === COMMA || before === OPEN
    : code[0] === UPDATE && before === EQUALS && code[connector - 4] === SET;
  if (isPlace) tokens.hasLooked = true;
  return isPlace && code[connector - 1] === C_STRING;
}

/** `= (1 AND …`, `BINARY (1 OR …` */
function beginsValue(tokens: TokenBuffer, connector: number): boolean {
  const { code } = tokens;
  if (!isLiteral(tokens, connector - 1) || code[connector - 2] !== OPEN) return false;
  const before = code[connector - 3];
  return before === EQUALS || before === BINARY;
}
