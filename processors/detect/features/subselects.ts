// Hot path
import { type FoundFeatures, featureOf } from './found-features.ts';
import { hasParameter } from './operands.ts';
import { findOutside } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_AMPERSANDS, C_NAME, C_NUMBER, C_PIPES, CLOSE, DOT, OPEN, punct, SEMICOLON } from './token-codes.ts';
import { closeOf, find, hasNoNames, isComparison, isConstant } from './token-reading.ts';
import { id, ids } from './words.ts';

const CONSTANT_SUBSELECT = featureOf('constant_subselect');
const BLIND_PROBE = featureOf('blind_probe');

const SELECT = id('select');
const FROM = id('from');
const DUAL = id('dual');
const EXISTS = id('exists');
const IN = id('in');
const BY = id('by');
const COUNT = id('count');
const WHERE = id('where');
const STAR = punct('*');
const CONNECTORS: ReadonlySet<number> = new Set([...ids('and or xor'), C_PIPES, C_AMPERSANDS]);
/** What ties the rows of a subselect to something. */
const TIES = ids('where having on using natural limit group union');
/** What a constant subselect stands behind when it is part of a condition or calculation. */
const BEFORE_CONSTANT: ReadonlySet<number> = new Set([
  ...CONNECTORS,
  ...ids('not rlike regexp like between div mod by'),
  ...['=', '<', '>', '+', '-', '*', '/', '%', '^', '&', '|', '~', '!'].map(punct),
]);
/** Longer ones are no question of one bit. */
const LONGEST = 200;

/** Subselects in conditions and calculations that tell nothing about the rows of the statement they stand in. */
export function subselect(tokens: TokenBuffer, found: FoundFeatures, open: number): void {
  const { code } = tokens;
  const before = code[open - 1] ?? SEMICOLON;
  const close = closeOf(tokens, open);
  if (close - open > LONGEST) return;
  if (before === EXISTS) {
    // `AND EXISTS (SELECT * FROM users)`: whether there is such a table, and anything in it.
    if (CONNECTORS.has(code[open - 2]!) && isUntied(tokens, open, close)) found.add(BLIND_PROBE);
    return;
  }
  const isDouble = before === OPEN && code[open - 2] === IN;
  if (!isDouble && !BEFORE_CONSTANT.has(before)) return;
  if (CONNECTORS.has(before)) counted(tokens, found, open, close);
  if (before === BY) sorted(tokens, found, open, close);
  constant(tokens, found, open, close);
}

/** `AND (SELECT 7)`: no table is read, or only another such subselect. */
function constant(tokens: TokenBuffer, found: FoundFeatures, open: number, close: number): void {
  const { code } = tokens;
  if (hasParameter(tokens, open, close)) return;
  const isNested =
    code[open + 2] === STAR && code[open + 3] === FROM && code[open + 4] === OPEN && code[open + 5] === SELECT;
  if (isNested && hasNoNames(tokens, open + 5, Math.min(closeOf(tokens, open + 4), close)))
    found.add(CONSTANT_SUBSELECT);
  if (!hasNoNames(tokens, open, close)) return;
  for (let at = open; at < close; at++) if (code[at] === FROM && code[at + 1] !== DUAL && code[at + 1] !== OPEN) return;
  found.add(CONSTANT_SUBSELECT);
}

/** `AND (SELECT COUNT(*) FROM users) > 5`: all rows of some table, counted and compared with a number. */
function counted(tokens: TokenBuffer, found: FoundFeatures, open: number, close: number): void {
  const { code } = tokens;
  if (code[open + 2] !== COUNT || code[open + 3] !== OPEN || !isUntied(tokens, open, close)) return;
  let at = close + 1;
  while (isComparison(code[at])) at++;
  if (at > close + 1 && code[at] === C_NUMBER) found.add(BLIND_PROBE);
}

/** `ORDER BY (SELECT 1 FROM users WHERE name LIKE 'a%')`: a constant, chosen by rows that no column of the statement is tied to. */
function sorted(tokens: TokenBuffer, found: FoundFeatures, open: number, close: number): void {
  const { code } = tokens;
  if (!isConstant(tokens, open + 2) || code[open + 3] !== FROM || code[open + 4] !== C_NAME) return;
  if (find(tokens, DOT, open, close) < 0 && findOutside(tokens, WHERE, open + 1, close) > 0) found.add(BLIND_PROBE);
}

/** Whether a subselect reads one table as it is. */
function isUntied(tokens: TokenBuffer, open: number, close: number): boolean {
  const from = findOutside(tokens, FROM, open + 1, close);
  if (from < 0 || tokens.code[from + 1] === DUAL || tokens.code[from + 1] === OPEN) return false;
  for (let at = from; at < close; at++) if (TIES.has(tokens.code[at]!)) return false;
  return tokens.code[close] === CLOSE;
}
