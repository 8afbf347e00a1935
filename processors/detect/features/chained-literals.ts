// Hot path
import { type FoundFeatures, featureOf } from './found-features.ts';
import { literalText } from './literal-text.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NUMBER, C_PARAMETER, C_STRING, CLOSE, COMMA, OPEN, punct } from './token-codes.ts';
import { isComparison, isLiteral, lengthOf } from './token-reading.ts';
import { id, ids } from './words.ts';

const TAUTOLOGY = featureOf('tautology');
const CONSTANT_COMPARISON = featureOf('constant_comparison');

const NOT = id('not');
const SOUNDS = id('sounds');
const EQUALS = punct('=');
const GREATER = punct('>');
const MINUS = punct('-');
const PATTERNS = ids('like rlike regexp');
const CALCULATES: ReadonlySet<number> = new Set(['+', '-', '*', '/', '%', '^', '&', '|'].map(punct));
const OF_BITS: ReadonlySet<number> = new Set(['^', '&', '|'].map(punct));
const OF_NUMBERS: ReadonlySet<number> = new Set(['%', '^', '&', '|'].map(punct));
const SIGNS: ReadonlySet<number> = new Set(['+', '-', '!', '~'].map(punct));

/**
 * What a quote that broke out is patched with: `name = '' = ''`, `name = '' - ''`, `name = 'a' LIKE 'b'`, `id = 1%'…'`, `id = 42 LIKE 42`.
 *
 * @param at Of a literal.
 * @param isValue Whether it is a value of a row that is inserted.
 */
export function chainedLiteral(tokens: TokenBuffer, found: FoundFeatures, at: number, isValue: boolean): void {
  const { code } = tokens;
  if (at < 2) return;
  const before = code[at - 1]!;
  const operator = code[at + 1]!;
  // Most literals are in lists.
  if ((operator === COMMA || operator === CLOSE) && (before === COMMA || before === OPEN)) return;
  if (OF_NUMBERS.has(before) && isLiteral(tokens, at - 2)) {
    tokens.hasLooked = true;
    const isText = code[at] === C_STRING && lengthOf(tokens, at) > 2 && !isNumeric(tokens, at);
    if (isText && code[at - 2] === C_NUMBER) found.add(CONSTANT_COMPARISON);
  }
  if (operator === EQUALS || CALCULATES.has(operator)) {
    if (isComparison(before) && !isArrow(tokens, at - 1) && isLiteral(tokens, at + 2)) calculated(tokens, found, at);
    return;
  }
  let pattern = operator === NOT ? at + 2 : at + 1;
  if (code[pattern] === SOUNDS) pattern++;
  if (!PATTERNS.has(code[pattern]!)) return;
  let right = pattern + 1;
  while (SIGNS.has(code[right]!)) right++;
  if (!isLiteral(tokens, right)) return;
  // Which kinds of literals these are does not show in the masked text.
  tokens.hasLooked = true;
  if (code[right] === C_PARAMETER) return;
  const isStrings = code[at] === C_STRING && (isValue || (isComparison(before) && !isArrow(tokens, at - 1)));
  if (isStrings || (code[at] === C_NUMBER && code[right] === C_NUMBER)) found.add(TAUTOLOGY);
}

/** A literal that something is compared with, and that `=` or a sign of calculation joins to another literal. */
function calculated(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  tokens.hasLooked = true;
  const operator = code[at + 1]!;
  const isString = code[at + 2] === C_STRING;
  if (code[at] !== C_STRING || !(isString || (OF_BITS.has(operator) && code[at + 2] === C_NUMBER))) return;
  // `'10' + '5'`: numbers that an application wrote as strings.
  if (operator === EQUALS || !isNumeric(tokens, at) || !isNumeric(tokens, at + 2)) found.add(TAUTOLOGY);
}

function isNumeric(tokens: TokenBuffer, at: number): boolean {
  return /^\s*-?\d[\d.]*\s*$/.test(literalText(tokens, at, 64));
}

/** Whether `>` at `at` belongs to `->` or `->>`, which take a value out of JSON. */
function isArrow(tokens: TokenBuffer, at: number): boolean {
  if (tokens.code[at] !== GREATER) return false;
  return tokens.code[at - 1] === MINUS || (tokens.code[at - 1] === GREATER && tokens.code[at - 2] === MINUS);
}
