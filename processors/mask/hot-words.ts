// Hot path
import { wordEnd } from './scan.ts';

/** Words that change how what follows is masked, as small integers; 0 is any other word. */
export const W_OTHER = 0;
export const W_NULL = 1;
export const W_TRUE = 2;
export const W_FALSE = 3;
export const W_DEFAULT = 4;
/** Words up to this one are constants that fold like literals inside lists. */
export const W_LAST_CONSTANT = W_DEFAULT;
export const W_IN = 5;
export const W_VALUES = 6;
export const W_VALUE = 7;
export const W_ROW = 8;
export const W_IDENTIFIED = 9;
export const W_BY = 10;
export const W_AS = 11;
export const W_USING = 12;
export const W_PASSWORD = 13;
export const W_RANDOM = 14;
export const W_SET = 15;
export const W_CREATE = 16;
export const W_ALTER = 17;
export const W_GRANT = 18;
export const W_CHANGE = 19;
export const W_START = 20;
export const W_MASTER_PASSWORD = 21;
export const W_SOURCE_PASSWORD = 22;
export const W_OLD_PASSWORD = 23;

const SPELLINGS: readonly string[] = [
  '',
  'null',
  'true',
  'false',
  'default',
  'in',
  'values',
  'value',
  'row',
  'identified',
  'by',
  'as',
  'using',
  'password',
  'random',
  'set',
  'create',
  'alter',
  'grant',
  'change',
  'start',
  'master_password',
  'source_password',
  'old_password',
];
const LONGEST = 15;
const BYTES: readonly Uint8Array[] = SPELLINGS.map((word) => Uint8Array.from(Buffer.from(word)));

/** Candidate by length and the low five bits of the first two bytes: every word above has a place of its own. */
const CANDIDATES = new Uint8Array((LONGEST + 1) << 10);
for (let id = 1; id < SPELLINGS.length; id++) {
  const word = BYTES[id]!;
  const place = (word.length << 10) | ((word[0]! & 31) << 5) | (word[1]! & 31);
  if (CANDIDATES[place] !== 0)
    throw new Error(`hot words ${SPELLINGS[id]} and ${SPELLINGS[CANDIDATES[place]!]} collide`);
  CANDIDATES[place] = id;
}

/** @returns The id of the word in `bytes[start, end)` in any case, or W_OTHER. */
export function hotWord(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 2 || length > LONGEST) return W_OTHER;
  const id = CANDIDATES[(length << 10) | ((bytes[start]! & 31) << 5) | (bytes[start + 1]! & 31)]!;
  if (id === W_OTHER) return W_OTHER;
  const word = BYTES[id]!;
  for (let i = 0; i < length; i++) {
    const c = bytes[start + i]!;
    // `_` and letters only: setting the case bit maps no other byte of a word onto a letter.
    if ((c >= 0x41 && c <= 0x5a ? c | 0x20 : c) !== word[i]) return W_OTHER;
  }
  return id;
}

export function hotWordLength(id: number): number {
  return BYTES[id]!.length;
}

/** The hot word at `start`, where it ends in plain sight: no byte >= 0x80 or quote follows, which could make it another token. */
export function plainHotWord(bytes: Uint8Array, start: number, limit: number): number {
  const end = wordEnd(bytes, start, Math.min(limit, start + LONGEST + 1));
  if (end < limit && (bytes[end]! >= 0x80 || bytes[end] === 0x27)) return W_OTHER;
  return hotWord(bytes, start, end);
}
