// Hot path

import { isNoChoice, isSameText } from './alternatives.ts';
import { chainedLiteral } from './chained-literals.ts';
import { type FoundFeatures, featureOf } from './found-features.ts';
import { isEmptyAlternative, isGuard, isGuardBehind } from './guards.ts';
import { betweenAnd, comparesWithItself, ends, hasParameter, isNullTest, isOfMoment, isStriking } from './operands.ts';
import { subselect } from './subselects.ts';
import type { TokenBuffer } from './token-buffer.ts';
import {
  C_AMPERSANDS,
  C_NAME,
  C_NUMBER,
  C_PARAMETER,
  C_PIPES,
  C_STRING,
  CLOSE,
  COMMA,
  OPEN,
  punct,
  SEMICOLON,
} from './token-codes.ts';
import { closeOf, find, hasNoNames, isComparison, isConstant, isLiteral, lengthOf, numberAt } from './token-reading.ts';
import { id, ids } from './words.ts';

const TAUTOLOGY = featureOf('tautology');
const CONSTANT_COMPARISON = featureOf('constant_comparison');
const CONSTANT_BRANCH = featureOf('constant_branch');
const ALWAYS_TRUE_WRITE = featureOf('always_true_where');

const AND = id('and');
const OR = id('or');
const XOR = id('xor');
const NOT = id('not');
const HAVING = id('having');
const WHERE = id('where');
const RLIKE = id('rlike');
const REGEXP = id('regexp');
const BINARY = id('binary');
const IS = id('is');
const NULL = id('null');
const BETWEEN = id('between');
const WHEN = id('when');
const THEN = id('then');
const IF = id('if');
const SELECT = id('select');
const FALSE = id('false');
const NOT_SIGN = punct('!');
const CALL = id('call');
const VALUES = id('values');
const WRITES = ids('delete update');
const INSERTS = ids('insert replace');
/** Tokens of an operand that are looked at, parentheses aside: linear time for any nesting. */
const LONGEST_OPERAND = 200;
/** Tokens that may stand before the operand proper. */
const PREFIXES: ReadonlySet<number> = new Set([OPEN, NOT, BINARY, punct('!'), punct('-'), punct('+'), punct('~')]);

/** Conditions that no data decides: always true, always false, or only a way to ask a question. */
export function findConditions(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  // Without a table there is nothing to be shown or changed: SET sql_mode = (SELECT REPLACE(@@sql_mode, …)).
  if (!tokens.hasTable && code[0] !== CALL) return;
  /** The AND of the last BETWEEN: it connects no conditions. */
  let ofBetween = -1;
  /** Behind VALUES, and in how many parentheses. */
  let isInRows = false;
  let depth = 0;
  for (let at = 0; at < length; at++) {
    switch (code[at]) {
      case OR:
      case XOR:
      case C_PIPES:
      case HAVING:
      case RLIKE:
      case REGEXP:
        operand(tokens, found, at, true);
        break;
      case BETWEEN:
        ofBetween = betweenAnd(tokens, at);
        break;
      case AND:
        if (at !== ofBetween) operand(tokens, found, at, false);
        break;
      case C_AMPERSANDS:
      case WHERE:
        operand(tokens, found, at, false);
        break;
      case WHEN:
      case IF:
        if (code[at] === WHEN || code[at + 1] === OPEN) branch(tokens, found, at);
        break;
      case C_STRING:
      case C_PARAMETER:
      case C_NUMBER:
        chainedLiteral(tokens, found, at, isInRows && depth === 1);
        break;
      case VALUES:
        isInRows = tokens.isFirst && INSERTS.has(code[0]!);
        depth = 0;
        break;
      case OPEN:
        depth++;
        if (code[at + 1] === SELECT) subselect(tokens, found, at);
        break;
      case CLOSE:
        depth--;
        break;
      default:
        break;
    }
  }
}

function operand(tokens: TokenBuffer, found: FoundFeatures, connector: number, isEither: boolean): void {
  const { code, length } = tokens;
  let from = connector + 1;
  let opened = 0;
  while (from < length && PREFIXES.has(code[from]!)) {
    if (code[from] === OPEN) {
      if (code[from + 1] === SELECT) return;
      // `(7)=7`: the parentheses are of the operand's first part.
      if (isComparison(code[closeOf(tokens, from) + 1])) break;
      opened++;
    }
    from++;
  }
  let to = from;
  let comparison = -1;
  const most = Math.min(length, from + LONGEST_OPERAND);
  while (to < most && !ends(tokens, to)) {
    if (comparison < 0 && to > from && (isComparison(code[to]) || code[to] === IS)) comparison = to;
    if (code[to] === BETWEEN) to = betweenAnd(tokens, to);
    to = code[to] === OPEN ? closeOf(tokens, to) + 1 : to + 1;
  }
  to = Math.min(to, length);
  if (comparison === from + 4 && code[comparison] === IS && code[from + 1] === OPEN && code[from + 2] === NULL) {
    // `VECTOR_DIM(NULL) IS NULL` tells which server this is, and nothing else.
    found.add(CONSTANT_COMPARISON);
    return;
  }
  const connecting = code[connector]!;
  if (
    comparison > 0 &&
    (connecting === OR || connecting === XOR || connecting === C_PIPES) &&
    comparesWithItself(tokens, from, comparison, to)
  )
    found.add(TAUTOLOGY);
  if (to > from && isNoChoice(tokens, connector, from, comparison, to)) found.add(TAUTOLOGY);
  if (to <= from || !hasNoNames(tokens, from, to) || hasParameter(tokens, from, to)) return;
  if (comparison < 0) {
    // A bare literal or calculation: OR 1, OR PI(). After RLIKE and the like every pattern is one.
    if (connecting !== OR && connecting !== XOR) return;
    const isSum = to === from + 1 && isConstant(tokens, connector - 1) && code[connector - 2] === OPEN;
    const isNegated = code[from - 1] === NOT || code[from - 1] === NOT_SIGN;
    const isOff =
      !isNegated && to === from + 1 && (code[from] === NULL || code[from] === FALSE || numberAt(tokens, from) === 0);
    if (!isSum && !isOff) found.add(TAUTOLOGY);
    return;
  }
  if (code[comparison] === IS || isNullTest(tokens, from, to)) return;
  if (connecting === RLIKE || connecting === REGEXP || isOfMoment(tokens, from, to)) return;
  if (connecting === C_PIPES && opened === 0 && !isLiteral(tokens, from)) return;
  if (!isEither && isGuard(tokens, from, to)) return;
  if (isEither) {
    if (isEmptyAlternative(tokens, connector, from, to) || isGuardBehind(tokens, connector, from, to)) return;
    if (connecting !== HAVING || isStriking(tokens, from, comparison, to, 2)) found.add(TAUTOLOGY);
    if (isStriking(tokens, from, comparison, to, 2)) found.add(CONSTANT_COMPARISON);
    return;
  }
  const isSign = connecting === C_AMPERSANDS;
  if (isSign || isStriking(tokens, from, comparison, to, connecting === WHERE ? 3 : 2)) found.add(CONSTANT_COMPARISON);
  if (connecting === WHERE && tokens.isFirst && WRITES.has(code[0]!)) alwaysTrue(tokens, found, from, comparison, to);
}

/** A whole WHERE of DELETE or UPDATE that holds for every row. */
function alwaysTrue(tokens: TokenBuffer, found: FoundFeatures, from: number, comparison: number, to: number): void {
  const rest = tokens.code[to];
  if (to < tokens.length && rest !== SEMICOLON) return;
  const left = numberAt(tokens, from);
  if (comparison === from + 1 && to === from + 3 && left >= 0 && left === numberAt(tokens, to - 1))
    found.add(ALWAYS_TRUE_WRITE);
}

/** `CASE WHEN (7=7)`, `IF(7=7, …)`: what branches on nothing but literals asks a question. */
function branch(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code, length } = tokens;
  let from = at + 1;
  while (from < length && PREFIXES.has(code[from]!)) from++;
  let to = from;
  let comparison = -1;
  const most = Math.min(length, from + LONGEST_OPERAND);
  while (to < most && !ends(tokens, to)) {
    if (comparison < 0 && to > from && (isComparison(code[to]) || code[to] === IS)) comparison = to;
    if (code[to] === BETWEEN) to = betweenAnd(tokens, to);
    to = code[to] === OPEN ? closeOf(tokens, to) + 1 : to + 1;
  }
  to = Math.min(to, length);
  if (comparison === from + 4 && code[comparison] === IS && code[from + 1] === OPEN && code[from + 2] === NULL)
    found.add(CONSTANT_BRANCH);
  if (comparison < 0 || code[comparison] === IS || !hasNoNames(tokens, from, to) || hasParameter(tokens, from, to))
    return;
  if (!tokens.hasTable) return;
  // Templates of reports branch on `'0' <> '0'`.
  if (code[from] === C_STRING && lengthOf(tokens, from) <= 3 && lengthOf(tokens, to - 1) <= 3) return;
  if (isSortChoice(tokens, from, to)) return;
  if (to === from + 3 && numberAt(tokens, to - 1) === 0) return;
  if (isStriking(tokens, from, comparison, to, 2)) found.add(CONSTANT_BRANCH);
}

/** `ORDER BY CASE WHEN 3 = 3 THEN price`, `CASE WHEN 'a' = 'b'`: the application wrote the choice of its user into the text. */
function isSortChoice(tokens: TokenBuffer, from: number, to: number): boolean {
  const { code } = tokens;
  if (to !== from + 3 || code[from] !== code[to - 1]) return false;
  if (code[from] === C_STRING && !isSameText(tokens, from, to - 1, 1)) return true;
  if (code[from] !== C_STRING && lengthOf(tokens, from) + lengthOf(tokens, to - 1) > 4) return false;
  if ((code[to] !== THEN && code[to] !== COMMA) || code[to + 1] !== C_NAME) return false;
  return find(tokens, SELECT, to, Math.min(tokens.length, to + LONGEST_OPERAND)) < 0;
}
