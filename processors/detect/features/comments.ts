// Hot path
import { type FoundFeatures, featureOf } from './found-features.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NAME, C_NUMBER, GAP_NONE, GAP_ODD_BLANK, GAP_ONLY_COMMENT, OPEN, punct } from './token-codes.ts';
import { isCall, isComparison, isOf } from './token-reading.ts';
import { FIRST_FREE_CODE, G, ids } from './words.ts';

const COMMENT_RESIDUE = featureOf('comment_residue');
const COMMENT_END = featureOf('comment_end');
const COMMENT_BLANKS = featureOf('comment_blanks');
const VERSIONED_KEYWORD = featureOf('versioned_keyword');
const GLUED_KEYWORD = featureOf('glued_keyword');
const ODD_BLANKS = featureOf('odd_blanks');
const RANDOM_CASE = featureOf('random_case');

const DML = ids('select insert update delete replace with values table');
/** What no dump and no program puts into a versioned comment of a query. */
const CODE_WORDS = ids('select union and or xor not like rlike regexp between in null if case');
const FUNCTIONS = G.part | G.join_text | G.error | G.time | G.info | G.pure;
const QUERY_WORDS = ids('union select');
const MINUS = punct('-');

/** Comments that cut off what follows them or stand for blanks, and other ways of writing that no program has. */
export function findComments(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length, gap, inside } = tokens;
  let onlyComments = 0;
  let emptyComments = 0;
  let versioned = 0;
  let odd = 0;
  let mixed = 0;
  const isDml = tokens.isFirst && (DML.has(code[0]!) || code[0] === punct('(')) && inside[0] === 0;
  for (let at = 0; at < length; at++) {
    const word = code[at]! < FIRST_FREE_CODE;
    if (gap[at] === GAP_ONLY_COMMENT && at > 0 && (word || code[at - 1]! < FIRST_FREE_CODE)) {
      const isQuery = QUERY_WORDS.has(code[at]!) && QUERY_WORDS.has(code[at - 1]!);
      if (tokens.start[at]! - tokens.end[at - 1]! <= 4) emptyComments += isQuery ? 2 : 1;
      else if (inside[at] === 0 && inside[at - 1] === 0) onlyComments++;
    }
    if (gap[at] === GAP_ODD_BLANK && at > 0) odd++;
    if (inside[at] === 1 && isDml && code[at] === C_NUMBER && (isComparison(code[at - 1]) || code[at - 1] === OPEN))
      versioned++;
    if (!word || code[at] === C_NAME) continue;
    if (
      inside[at] === 1 &&
      isDml &&
      (CODE_WORDS.has(code[at]!) || isAloneInComment(tokens, at) || (isCall(tokens, at) && isOf(tokens, at, FUNCTIONS)))
    )
      versioned++;
    if (at > 0 && gap[at] === GAP_NONE && code[at - 1] === C_NUMBER && isOf(tokens, at, G.clause | G.operator)) {
      if (tokens.end[at - 1] === tokens.start[at]) found.add(GLUED_KEYWORD);
    }
    if (isOf(tokens, at, G.clause | G.operator | G.verb) && isMixedCase(tokens, at)) mixed++;
  }
  if (emptyComments > 1 || onlyComments > 2) found.add(COMMENT_BLANKS);
  if (versioned > 0) found.add(VERSIONED_KEYWORD);
  if (odd > 0) found.add(ODD_BLANKS);
  if (mixed > 1) found.add(RANDOM_CASE);
  if (odd > 0) tokens.hasLooked = true;
  if (tokens.isLast && length > 0) tail(tokens, found);
}

/** `/*!WHERE*\/`: one word in a versioned comment of its own. */
function isAloneInComment(tokens: TokenBuffer, at: number): boolean {
  const { bytes } = tokens;
  const before = bytes[tokens.start[at]! - 1]!;
  const end = tokens.end[at]!;
  const isFirst = before === 0x21 || (before >= 0x30 && before <= 0x39);
  return isFirst && bytes[end] === 0x2a && bytes[end + 1] === 0x2f && isOf(tokens, at, G.clause | G.operator);
}

/** `sElEcT`, `UnIon`: neither all of one case nor with a capital first. */
function isMixedCase(tokens: TokenBuffer, at: number): boolean {
  const start = tokens.start[at]!;
  const end = tokens.end[at]!;
  if (end - start < 3) return false;
  let capitals = 0;
  for (let i = start + 1; i < end; i++) {
    const c = tokens.bytes[i]!;
    if (c >= 0x41 && c <= 0x5a) capitals++;
  }
  const first = tokens.bytes[start]!;
  const isCapitalFirst = first >= 0x41 && first <= 0x5a;
  const rest = end - start - 1;
  return capitals > 0 && !(capitals === rest && isCapitalFirst);
}

/** The comment that a statement ends with. */
function tail(tokens: TokenBuffer, found: FoundFeatures): void {
  const { bytes, tailFrom, tailTo } = tokens;
  let at = tailFrom;
  while (at < tailTo && bytes[at]! <= 0x20) at++;
  if (at >= tailTo) {
    // `… 16--`: two signs without a blank behind them are no comment unless the text ends there.
    const last = tokens.length - 1;
    if (last > 1 && tokens.code[last] === MINUS && tokens.code[last - 1] === MINUS) found.add(COMMENT_END);
    return;
  }
  tokens.hasLooked = true;
  const first = bytes[at]!;
  const isLine = first === 0x23 || first === 0x2d;
  const isOpen = first === 0x2f && tokens.lexer.isUnclosed;
  if (!isLine && !isOpen) {
    // Comments of tracing libraries begin with a name.
    let body = at + 2;
    while (body < tailTo && bytes[body]! <= 0x20) body++;
    if (bytes[body] === 0x27 || bytes[body] === 0x22 || bytes[body] === 0x29) found.add(COMMENT_RESIDUE);
    return;
  }
  // The whole rest of the text, up to the first line end for a line comment, is what the comment cuts off.
  let from = at + (first === 0x23 ? 1 : 2);
  let to = from;
  while (to < tailTo && (isOpen || bytes[to] !== 0x0a)) to++;
  if (isLine && restHasMore(bytes, to, tailTo)) return;
  while (from < to && (bytes[from]! <= 0x20 || bytes[from] === 0x2d)) from++;
  if (from >= to) {
    if (!hasLineEnd(bytes, tailFrom, at)) found.add(COMMENT_END);
    return;
  }
  if (isOpen || isResidue(bytes, from, Math.min(to, from + 2048))) found.add(COMMENT_RESIDUE);
}

/** A comment on a line of its own cuts nothing off. */
function hasLineEnd(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === 0x0a) return true;
  return false;
}

/** A text that goes on with further lines of comments was written by a person. */
function restHasMore(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! > 0x20) return true;
  return false;
}

/** Whether a comment holds what a statement would go on with: `' AND password='x'`, `LIMIT 10`, `')`. */
function isResidue(bytes: Uint8Array, from: number, to: number): boolean {
  const first = bytes[from]!;
  if (first === 0x27 || first === 0x22 || first === 0x29 || first === 0x60) return true;
  let quotes = 0;
  let doubles = 0;
  let opened = 0;
  for (let at = from; at < to; at++) {
    const c = bytes[at]!;
    if (c === 0x27) quotes++;
    else if (c === 0x22) doubles++;
    else if (c === 0x28) opened++;
    else if (c === 0x29 && --opened < 0) return true;
  }
  if (((quotes | doubles) & 1) !== 0 && !hasApostrophe(bytes, from, to)) return true;
  return goesOn(bytes, from, to);
}

/** `don't`: a quote between letters is one of prose. */
function hasApostrophe(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 1; at + 1 < to; at++)
    if (bytes[at] === 0x27 && isLetter(bytes[at - 1]!) && isLetter(bytes[at + 1]!)) return true;
  return false;
}

function isLetter(c: number): boolean {
  return (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
}

const GOES_ON =
  /^(?:\w{2,8}\s*,\s*[\w.`]+\s*=|(?:[a-z]{2,8}\s+)?(?:(?:and|or|where|having|set)\s+[\w.`]+\s*(?:[=<>!]|like\b|in\b|between\b|is\b)|limit\s+\d|order\s+by\s+[\w.`]+|group\s+by\s+[\w.`]+|asc\b|desc\b|values\s*\(|,\s*[\w.`]+\s*=|from\s+[\w.`]+\s*(?:$|where\b|limit\b|order\b|;)))/i;

/** Whether the comment begins as the rest of a statement does, after a word at most. */
function goesOn(bytes: Uint8Array, from: number, to: number): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.min(to - from, 200)).toString('latin1');
  return GOES_ON.test(text);
}
