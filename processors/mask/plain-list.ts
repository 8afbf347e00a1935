// Hot path
import { IS_DIGIT } from './byte-classes.ts';
import { hotWordLength, plainHotWord, W_LAST_CONSTANT, W_OTHER } from './hot-words.ts';
import { plainNumberEnd, plainStringEnd } from './plain-literal.ts';

const BLANK = 0x20;
const QUOTE = 0x27;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;

/**
 * In a list whose elements so far are literals: where the last of those that follow ends, if they are plain literals up to the
 * closing parenthesis. They change nothing of the folded list, so nothing need be written of them.
 *
 * @param from End of a literal of the list.
 * @param begin Start of the text.
 * @returns Before where something else stands: its place, negative. Nothing before it is worth another look.
 */
export function plainElementsEnd(
  bytes: Uint8Array,
  begin: number,
  from: number,
  limit: number,
  pairs: Uint8Array | null,
  noBackslashEscapes: boolean | null,
): number {
  let at = from;
  for (;;) {
    const next = afterBlanks(bytes, at, limit);
    if (next >= limit) return -limit;
    if (bytes[next] === CLOSE) return at;
    if (bytes[next] !== COMMA) return -next;
    const end = plainElementEnd(bytes, begin, next + 1, limit, pairs, noBackslashEscapes);
    if (end < 0) return -next;
    at = end;
  }
}

/**
 * Behind two rows that were folded into one, `(?+)+`: the end of the rows of two plain literals or more that follow, which change
 * nothing.
 *
 * @param from Behind the closing parenthesis of a row. @returns `from` where no such row follows.
 */
export function plainRowsEnd(
  bytes: Uint8Array,
  begin: number,
  from: number,
  limit: number,
  pairs: Uint8Array | null,
  noBackslashEscapes: boolean | null,
): number {
  let end = from;
  for (;;) {
    const comma = afterBlanks(bytes, end, limit);
    if (comma >= limit || bytes[comma] !== COMMA) return end;
    const open = afterBlanks(bytes, comma + 1, limit);
    if (open >= limit || bytes[open] !== OPEN) return end;
    const first = plainElementEnd(bytes, begin, open + 1, limit, pairs, noBackslashEscapes);
    if (first < 0 || bytes[afterBlanks(bytes, first, limit)] !== COMMA) return end;
    const last = plainElementsEnd(bytes, begin, first, limit, pairs, noBackslashEscapes);
    if (last < 0) return end;
    end = afterBlanks(bytes, last, limit) + 1;
  }
}

function afterBlanks(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit && bytes[at]! <= BLANK) at++;
  return at;
}

/** End of the plain literal, NULL, TRUE, FALSE or DEFAULT behind the comma or parenthesis that ends at `previousEnd`; -1 where there is none. */
function plainElementEnd(
  bytes: Uint8Array,
  begin: number,
  previousEnd: number,
  limit: number,
  pairs: Uint8Array | null,
  noBackslashEscapes: boolean | null,
): number {
  const from = afterBlanks(bytes, previousEnd, limit);
  if (from >= limit) return -1;
  const first = bytes[from]!;
  let end = from;
  if (first === QUOTE) end = plainStringEnd(bytes, begin, previousEnd, from, limit, pairs, noBackslashEscapes);
  else if (IS_DIGIT[first] === 1) end = plainNumberEnd(bytes, begin, from, limit);
  else {
    const word = plainHotWord(bytes, from, limit);
    if (word !== W_OTHER && word <= W_LAST_CONSTANT) end = from + hotWordLength(word);
  }
  return end === from ? -1 : end;
}
