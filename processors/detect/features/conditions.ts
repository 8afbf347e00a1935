// Hot path

import { type FoundFeatures, featureOf } from './found-features.ts';
import {
  betweenAnd,
  comparesWithItself,
  ends,
  hasParameter,
  isEmptyAlternative,
  isGuard,
  isNullTest,
  isStriking,
} from './operands.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_AMPERSANDS, C_PIPES, C_STRING, OPEN, punct, SEMICOLON } from './token-codes.ts';
import { closeOf, hasNoNames, isComparison, isConstant, isLiteral, lengthOf, numberAt } from './token-reading.ts';
import { id, ids } from './words.ts';

const TAUTOLOGY = featureOf('tautology');
const CONSTANT_COMPARISON = featureOf('constant_comparison');
const CONSTANT_BRANCH = featureOf('constant_branch');
const CONSTANT_SUBSELECT = featureOf('constant_subselect');
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
const IF = id('if');
const SELECT = id('select');
const FROM = id('from');
const FALSE = id('false');
const EQUALS = punct('=');
const NOT_SIGN = punct('!');
const STAR = punct('*');
const DUAL = id('dual');
const EXISTS = id('exists');
const WRITES = ids('delete update');
/** Tokens of an operand that are looked at, parentheses aside: linear time for any nesting. */
const LONGEST_OPERAND = 200;
/** Tokens that may stand before the operand proper. */
const PREFIXES: ReadonlySet<number> = new Set([OPEN, NOT, BINARY, punct('!'), punct('-'), punct('+'), punct('~')]);
/** What a constant subselect stands behind when it is part of a condition or calculation. */
const BEFORE_SUBSELECT: ReadonlySet<number> = new Set([
  AND,
  OR,
  XOR,
  NOT,
  RLIKE,
  REGEXP,
  C_PIPES,
  C_AMPERSANDS,
  id('like'),
  id('between'),
  id('div'),
  id('mod'),
  id('by'),
  ...['=', '<', '>', '+', '-', '*', '/', '%', '^', '&', '|', '~', '!'].map(punct),
]);

/** Conditions that no data decides: always true, always false, or only a way to ask a question. */
export function findConditions(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  /** The AND of the last BETWEEN: it connects no conditions. */
  let ofBetween = -1;
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
        chain(tokens, found, at);
        break;
      case OPEN:
        if (code[at + 1] === SELECT && BEFORE_SUBSELECT.has(code[at - 1] ?? SEMICOLON)) subselect(tokens, found, at);
        break;
      default:
        break;
    }
  }
}

const CALCULATES: ReadonlySet<number> = new Set(['+', '-', '*', '/', '%', '^', '&'].map(punct));

/** `name = '' = ''`, `name = '' - ''`: what a quote that broke out is patched with. */
function chain(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  if (!isComparison(code[at - 1]) || at < 2 || code[at + 2] !== C_STRING) return;
  tokens.hasLooked = true;
  if (code[at + 1] === EQUALS || CALCULATES.has(code[at + 1]!)) found.add(TAUTOLOGY);
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
  if (to <= from || !hasNoNames(tokens, from, to) || hasParameter(tokens, from, to)) return;
  if (comparison < 0) {
    // A bare literal or calculation: OR 1, OR PI(). After RLIKE and the like every pattern is one.
    if (connecting !== OR && connecting !== XOR) return;
    const isSum = isConstant(tokens, connector - 1) && code[connector - 2] === OPEN;
    const isNegated = code[from - 1] === NOT || code[from - 1] === NOT_SIGN;
    const isOff =
      !isNegated && to === from + 1 && (code[from] === NULL || code[from] === FALSE || numberAt(tokens, from) === 0);
    if (!isSum && !isOff) found.add(TAUTOLOGY);
    return;
  }
  if (code[comparison] === IS || isNullTest(tokens, from, to)) return;
  if (connecting === RLIKE || connecting === REGEXP) return;
  if (connecting === C_PIPES && opened === 0 && !isLiteral(tokens, from)) return;
  if (!isEither && isGuard(tokens, from, to)) return;
  if (isEither) {
    if (isEmptyAlternative(tokens, from, to)) return;
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
  if (isStriking(tokens, from, comparison, to, 2)) found.add(CONSTANT_BRANCH);
}

/** `AND (SELECT 7)`: a subselect in a condition or calculation that reads no table, or only another one like it. */
function subselect(tokens: TokenBuffer, found: FoundFeatures, open: number): void {
  const { code } = tokens;
  const close = closeOf(tokens, open);
  if (code[open - 1] === EXISTS || close - open > 200 || hasParameter(tokens, open, close)) return;
  const isNested =
    code[open + 2] === STAR && code[open + 3] === FROM && code[open + 4] === OPEN && code[open + 5] === SELECT;
  if (isNested && hasNoNames(tokens, open + 5, Math.min(closeOf(tokens, open + 4), close)))
    found.add(CONSTANT_SUBSELECT);
  if (!hasNoNames(tokens, open, close)) return;
  for (let at = open; at < close; at++) if (code[at] === FROM && code[at + 1] !== DUAL && code[at + 1] !== OPEN) return;
  found.add(CONSTANT_SUBSELECT);
}
