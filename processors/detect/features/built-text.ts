// Hot path
import { type FoundFeatures, featureOf } from './found-features.ts';
import { findOutside } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NUMBER, C_STRING, CLOSE, COMMA, DOT, OPEN, punct } from './token-codes.ts';
import { closeOf, hasNoNames, insideOf, isCall, isComparison, isHex, lengthOf, numberAt } from './token-reading.ts';
import { id, ids } from './words.ts';

const FOREIGN_DIALECT = featureOf('foreign_dialect');
const MARKER_CONCAT = featureOf('marker_concat');
const CONSTANT_ELT = featureOf('constant_elt');
const FROM = id('from');
const WAITFOR = id('waitfor');
const CHARS = ids('char chr');
const SPACE = id('space');
const PLUS = punct('+');
const EQUALS = punct('=');
const PIPES = C_STRING + 6;

/** CONCAT of hex markers around something asked for: `CONCAT(0x716b7a71,(SELECT …),0x71787a71)`. */
export function concat(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const close = closeOf(tokens, at + 1);
  let hex = 0;
  const end = Math.min(close, at + 400);
  let depth = 0;
  for (let i = at + 2; i < end; i++) {
    if (tokens.code[i] === OPEN) depth++;
    else if (tokens.code[i] === CLOSE) depth--;
    else if (depth === 0 && isHex(tokens, i)) hex++;
  }
  if (
    hex >= 2 ||
    (hex === 1 && (insideOf(tokens, at + 2, close).hasSelect || insideOf(tokens, at + 2, close).asksServer))
  )
    found.add(MARKER_CONCAT);
}

/** `ELT(4237=4237,1)`, `MAKE_SET(6879=6879,1)`: a choice that nothing decides. */
export function choice(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  const close = closeOf(tokens, at + 1);
  tokens.hasLooked = true;
  if (code[at + 2] !== C_NUMBER || !(isComparison(code[at + 3]) || code[at + 3] === EQUALS)) return;
  if (hasNoNames(tokens, at + 2, Math.min(close, tokens.length))) found.add(CONSTANT_ELT);
}

/** 1 for `CHAR(n)`, 3 for `CHAR(n,n,n)`: codes of characters instead of a string. */
export function isCharBuilding(tokens: TokenBuffer, at: number): number {
  const { code } = tokens;
  const close = closeOf(tokens, at + 1);
  let numbers = 0;
  for (let i = at + 2; i < close && i < at + 20; i++) {
    if (code[i] === C_NUMBER) {
      const value = numberAt(tokens, i);
      if (value < 32 || value > 126) return 0;
      numbers++;
    } else if (code[i] !== COMMA) return 0;
  }
  // CHAR(10) is a type or a line feed; CHAR of a column definition follows a name.
  if (numbers === 1) return isBetween(code[close + 1]) && CHARS.has(code[close + 2]!) ? 1 : 0;
  return numbers;
}

function isBetween(code: number | undefined): boolean {
  return code === COMMA || code === PLUS || code === PIPES;
}

/** A catalogue or function of another database system, used as one. */
export function foreign(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  const word = code[at]!;
  const isPlaced =
    isCall(tokens, at) ||
    code[at + 1] === DOT ||
    code[at - 1] === DOT ||
    code[at - 1] === FROM ||
    code[at - 1] === COMMA ||
    (word === WAITFOR && lengthOf(tokens, at) > 0);
  if (isPlaced) found.add(FOREIGN_DIALECT);
}

/** How often or wide `REPEAT(x, n)`, `SPACE(n)`, `LPAD(x, n, y)` at `at` make something; -1 where that is no number. */
export function repeats(tokens: TokenBuffer, at: number): number {
  const comma = tokens.code[at] === SPACE ? at + 1 : findOutside(tokens, COMMA, at + 2, closeOf(tokens, at + 1));
  return comma < 0 ? -1 : numberAt(tokens, comma + 1);
}
