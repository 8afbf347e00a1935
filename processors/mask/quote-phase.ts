// Hot path
import { IS_DIGIT, IS_WORD } from './byte-classes.ts';
import { isIntroducer } from './introducers.ts';
import { keywords } from './keywords.ts';
import { isCode } from './quoted-code.ts';
import { stringEnd } from './scan-quoted.ts';
import { WordSet } from './word-set.ts';

/** Bytes that may stand beside a string without a closer look. */
const BEFORE = new Uint8Array(256);
for (const character of '=<>!+-*/%&|^,(@{[:;~') BEFORE[character.charCodeAt(0)] = 1;
/** Those before which a string seldom stands: a string that follows (`'a' 'b'`), and arithmetic. */
const ODD_BEFORE = new Uint8Array(256);
for (const character of '\'"%*/-&^+') ODD_BEFORE[character.charCodeAt(0)] = 1;
const AFTER = new Uint8Array(256);
for (const character of '=<>!+-*%&|^,);}]\'"#@') AFTER[character.charCodeAt(0)] = 1;
/** Bytes that end the alias of a string. */
const AFTER_ALIAS = new Uint8Array(256);
for (const character of ',);}-#/*') AFTER_ALIAS[character.charCodeAt(0)] = 1;
const AFTER_COLON = new Uint8Array(256);
for (const character of '\'"{[0123456789 ') AFTER_COLON[character.charCodeAt(0)] = 1;

const KEYWORDS = new WordSet(keywords());
/** Words that may touch a string's opening quote, beside the names of character sets. */
const TOUCHING_BEFORE = new WordSet(
  `like as and or xor not in regexp rlike between date time timestamp binary select where by then else when case div mod collate
  escape separator return values default comment union all distinct from on having interval`.split(/\s+/),
);
/** Words that may touch its closing quote. */
const TOUCHING_AFTER = new WordSet(
  `and or xor like as from union in is not between regexp rlike div mod then else end when collate asc desc limit order group
  having where on into using for with separator escape select identified intersect except minus`.split(/\s+/),
);
/** Words that may follow its alias. */
const WORDS_AFTER_ALIAS = new WordSet(
  'from union except intersect minus into where order group limit having for procedure using identified with require lock'.split(
    ' ',
  ),
);

/**
 * Whether the string literal `bytes[from, to)` stands where SQL has none: a quote too many before it may have turned strings inside
 * out, so that what looks like code between two strings is a value, and what looks like a string is code. Values touch their
 * quotes (`'O'Brien'`), names and numbers stand where only an operator could, or the string reads like the code between two
 * values (`' AND password = '`).
 *
 * @param previousEnd End of the token before it; `begin` where there is none that matters.
 * @param limit End of the text. Beside the string only its neighbours are looked at: linear time for a whole text.
 */
export function isOutOfPhase(
  bytes: Uint8Array,
  begin: number,
  previousEnd: number,
  from: number,
  to: number,
  limit: number,
): boolean {
  let next = to;
  while (next < limit && bytes[next]! <= 0x20) next++;
  if (previousEnd > begin && BEFORE[bytes[previousEnd - 1]!] === 0) {
    const found = before(bytes, begin, previousEnd, from, to);
    if (found === WRONG || (found === ALIAS && !isQuoteAt(bytes, next, limit) && !endsAlias(bytes, next, limit)))
      return true;
  }
  if (next < limit && AFTER[bytes[next]!] === 0 && !mayFollow(bytes, from, to, next, limit)) return true;
  const isOdd = previousEnd > begin && ODD_BEFORE[bytes[previousEnd - 1]!] === 1;
  return isCode(bytes, from, to, next, limit, isOdd);
}

function isQuoteAt(bytes: Uint8Array, at: number, limit: number): boolean {
  return at < limit && (bytes[at] === 0x27 || bytes[at] === 0x22);
}

const WRONG = 0;
const RIGHT = 1;
/** The string may only be the alias of what stands before it. */
const ALIAS = 2;

function before(bytes: Uint8Array, begin: number, end: number, from: number, to: number): number {
  const last = bytes[end - 1]!;
  const isTouching = end === from;
  if (last === 0x27 || last === 0x22) return isTouching ? WRONG : RIGHT;
  if (last === 0x29 || last === 0x7d || last === 0x3f) return ALIAS;
  if (last === 0x60) return isTouching ? WRONG : ALIAS;
  if (last === 0x2e) return isWord(bytes, from, to) ? RIGHT : WRONG;
  if (!isWordByte(last)) return WRONG;
  let start = end;
  while (start > begin && isWordByte(bytes[start - 1]!)) start--;
  if (isIntroducer(bytes, start, end)) return RIGHT;
  if (isTouching) return TOUCHING_BEFORE.has(bytes, start, end) ? RIGHT : WRONG;
  return KEYWORDS.has(bytes, start, end) ? RIGHT : ALIAS;
}

/** Whether what begins at `next`, no operator, may follow the string `bytes[from, to)`. */
export function mayFollow(bytes: Uint8Array, from: number, to: number, next: number, limit: number): boolean {
  const first = bytes[next]!;
  if (first === 0x2f) return true;
  // `{"key": "value"}` in hints of proxies.
  if (first === 0x3a) return next + 1 < limit && AFTER_COLON[bytes[next + 1]!] === 1;
  if (first === 0x2e || first === 0x28) return isWord(bytes, from, to);
  if (first === 0x60) return next > to && endsAlias(bytes, stringEnd(bytes, next, limit, 0x60, false, null), limit);
  if (!isWordByte(first) || IS_DIGIT[first] === 1) return false;
  let end = next + 1;
  while (end < limit && isWordByte(bytes[end]!)) end++;
  if (next === to) return TOUCHING_AFTER.has(bytes, next, end);
  return KEYWORDS.has(bytes, next, end) || endsAlias(bytes, end, limit);
}

/** Whether an alias that ends before `at` ends there as aliases do: before a comma, a parenthesis, the next clause, the end. */
function endsAlias(bytes: Uint8Array, at: number, limit: number): boolean {
  let next = at;
  while (next < limit && bytes[next]! <= 0x20) next++;
  if (next >= limit || AFTER_ALIAS[bytes[next]!] === 1) return true;
  let end = next;
  while (end < limit && isWordByte(bytes[end]!)) end++;
  return WORDS_AFTER_ALIAS.has(bytes, next, end);
}

/** Whether the string holds one word and no more, so that it can be no code: a quoted name (`"users"."id"`). */
function isWord(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 1; at < to - 1; at++) if (!isWordByte(bytes[at]!)) return false;
  return true;
}

function isWordByte(c: number): boolean {
  return IS_WORD[c] === 1 || c >= 0x80;
}
