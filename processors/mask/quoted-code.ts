// Hot path
import { IS_WORD } from './byte-classes.ts';
import { WordSet } from './word-set.ts';

/** Bytes that may stand before a value, as the end of a stretch of code. */
const TAIL = new Uint8Array(256);
for (const character of '=<>(,|') TAIL[character.charCodeAt(0)] = 1;
/** Bytes that may follow a value. */
const HEAD = new Uint8Array(256);
for (const character of '),;=<>!|&+-*/') HEAD[character.charCodeAt(0)] = 1;

const SURE_TAIL_WORDS = new WordSet('like regexp rlike between values where select having'.split(' '));
const TAIL_WORDS = new WordSet('and or xor not in by as then else when case set on'.split(' '));
const HEAD_WORDS = new WordSet(
  'and or xor like union where order group limit having as from end then else when in is not between regexp rlike'.split(
    ' ',
  ),
);

/** 1 for the letters that the words of both tails end with. */
const LAST_LETTERS = new Uint8Array(256);
for (const letter of 'deglnprstyDEGLNPRSTY') LAST_LETTERS[letter.charCodeAt(0)] = 1;
/** Words before a condition or assignment. */
const BEFORE_CONDITION = new WordSet('and or xor not where set on having when'.split(' '));

const BLANK = 0x20;
const COMMA = 0x2c;
const DOT = 0x2e;
const BACK_QUOTE = 0x60;
const CLOSE = 0x29;
const PIPE = 0x7c;

/**
 * Whether the string literal `bytes[from, to)` reads like the code between two values: `' AND password = '`, `''', '`.
 * It begins, after the last quote of its own if it has any, with what may follow a value, and ends with what may stand before one;
 * or it ends with the beginning of a condition, `… AND password =`.
 *
 * @param next Where the next token begins; `limit` where there is none.
 * @param isOdd What stands before the string seldom does: the least likeness is enough.
 */
export function isCode(
  bytes: Uint8Array,
  from: number,
  to: number,
  next: number,
  limit: number,
  isOdd: boolean,
): boolean {
  let open = from;
  while (open < from + 2 && bytes[open] !== 0x27 && bytes[open] !== 0x22) open++;
  if (open === from + 2) return false;
  const quote = bytes[open]!;
  let end = to;
  if (to - 1 > open && bytes[to - 1] === quote) end--;
  while (end > open + 1 && bytes[end - 1]! <= BLANK) end--;
  const last = bytes[end - 1]!;
  if (end === open + 1 || (TAIL[last] === 0 && LAST_LETTERS[last] === 0)) return false;
  let tail = end - 1;
  if (TAIL[last] === 0) {
    while (tail > open + 1 && IS_WORD[bytes[tail - 1]!] === 1) tail--;
    if (tail === open + 1 && bytes[end] === quote) return false;
    if (!SURE_TAIL_WORDS.has(bytes, tail, end) && !TAIL_WORDS.has(bytes, tail, end)) return false;
  }
  if (tail === end - 1 && endsAsCondition(bytes, open + 1, tail)) return true;
  let start = end;
  while (bytes[start - 1] !== quote) start--;
  const isEmbedded = start > open + 1;
  while (start < end && bytes[start]! <= BLANK) start++;
  const headEnd = headOf(bytes, start, end);
  // `<p>…</p>` is markup, no comparison.
  if (headEnd === start || (isAngle(bytes[start]!) && isAngle(last))) return false;
  if (isEmbedded || isOdd) return true;
  const follower = next < limit ? bytes[next]! : CLOSE;
  const isArgument = follower === COMMA || follower === CLOSE;
  if (isArgument && (last === COMMA || (TAIL[last] === 0 && !SURE_TAIL_WORDS.has(bytes, tail, end)))) return false;
  for (let at = headEnd; at < tail; at++) if (IS_WORD[bytes[at]!] === 1) return true;
  // One word alone (`' OR '`) may stand between two words just as well; between two values it touches them.
  const isPadded = bytes[open + 1]! <= BLANK && end < to - 1;
  return isPadded && !isArgument && next === to && follower !== PIPE;
}

/** Whether `bytes[start, end)`, what stands before an operator, ends with the name that a condition is about: `… AND u.password`. */
function endsAsCondition(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end;
  while (at > start && bytes[at - 1]! <= BLANK) at--;
  const nameEnd = at;
  while (at > start && (IS_WORD[bytes[at - 1]!] === 1 || bytes[at - 1] === DOT || bytes[at - 1] === BACK_QUOTE)) at--;
  const name = at;
  while (at > start && bytes[at - 1]! <= BLANK) at--;
  if (name === nameEnd || at === name) return false;
  const wordEnd = at;
  while (at > start && IS_WORD[bytes[at - 1]!] === 1) at--;
  return BEFORE_CONDITION.has(bytes, at, wordEnd);
}

function isAngle(c: number): boolean {
  return c === 0x3c || c === 0x3e;
}

/** End of the operator or word at `start` that may follow a value; `start` where there is none. */
function headOf(bytes: Uint8Array, start: number, end: number): number {
  if (HEAD[bytes[start]!] === 1) return start + 1;
  let stop = start;
  while (stop < end && IS_WORD[bytes[stop]!] === 1) stop++;
  return HEAD_WORDS.has(bytes, start, stop) ? stop : start;
}
