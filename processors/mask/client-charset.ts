import { BYTE_CLASS, IS_WORD, SPACE, WORD } from './byte-classes.ts';
import { isLetter } from './letters.ts';

/** How bytes >= 0x80 combine: `single` each alone, `utf8` by validity, `pairs` lead and trail byte (a trail may be ASCII). */
export type CharsetFamily = 'single' | 'utf8' | 'pairs';

/** What the lexer and the decoder must know of a client character set. */
export interface ClientCharset {
  readonly family: CharsetFamily;
  /** Longest valid sequence in bytes, for `utf8`. */
  readonly longest: number;
  /** For `pairs`: bit 1 marks lead bytes, bit 2 trail bytes. */
  readonly pairs: Uint8Array;
  /** Byte classes with the set's own white space (0xA0 in latin1). */
  readonly classes: Uint8Array;
  /** 1 for bytes that continue a word without a look at the bytes after them. */
  readonly words: Uint8Array;
  /** WHATWG label for TextDecoder; empty where there is none, then bytes >= 0x80 decode to U+FFFD. */
  readonly label: string;
  /** Small integer, different for sets that decode differently. */
  readonly id: number;
  /** False where it is not known which bytes >= 0x80 the server takes for white space: both readings are masked. */
  readonly isSure: boolean;
}

/** Bits of `ClientCharset.pairs`. */
export const LEAD = 1;
export const TRAIL = 2;
const NO_PAIRS = new Uint8Array(256);
const NBSP_CLASSES = BYTE_CLASS.slice();
NBSP_CLASSES[0xa0] = SPACE;

/** Letters of latin1 as MySQL's ctype table has them; every other byte >= 0x80 is a character of its own. */
const LATIN1_WORDS = IS_WORD.slice();
const LATIN1_CLASSES = NBSP_CLASSES.slice();
for (let c = 0xc0; c <= 0xff; c++) if (c !== 0xd7 && c !== 0xf7) LATIN1_WORDS[c] = 1;
for (const c of [0x83, 0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f, 0xaa, 0xb5, 0xba]) LATIN1_WORDS[c] = 1;
for (let c = 0x80; c <= 0xff; c++) if (LATIN1_WORDS[c] === 1) LATIN1_CLASSES[c] = WORD;

let nextId = 1;

function charset(family: CharsetFamily, label: string, more: Partial<ClientCharset> = {}): ClientCharset {
  const id = nextId++;
  return { family, label, id, longest: 1, pairs: NO_PAIRS, classes: BYTE_CLASS, words: IS_WORD, isSure: true, ...more };
}

type Range = readonly [number, number];

function pairTable(leads: readonly Range[], trails: readonly Range[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const [from, to] of leads) for (let c = from; c <= to; c++) table[c]! |= LEAD;
  for (const [from, to] of trails) for (let c = from; c <= to; c++) table[c]! |= TRAIL;
  return table;
}

const HIGH_TRAIL: Range = [0x80, 0xfe];
const UTF8MB4 = charset('utf8', 'utf-8', { longest: 4 });
const UTF8MB3 = charset('utf8', 'utf-8', { longest: 3 });
const LATIN1 = charset('single', 'windows-1252', { classes: LATIN1_CLASSES, words: LATIN1_WORDS });
const ASCII = charset('single', '');
// Ranges as in the server's strings/ctype-gbk.c, ctype-sjis.c, ctype-big5.c, ctype-euc_kr.c, ctype-ujis.c, ctype-gb2312.c.
// The four-byte characters of gb18030 hold no byte that ends a token, so its pairs are those of gbk.
const GBK_PAIRS = pairTable([[0x81, 0xfe]], [[0x40, 0x7e], HIGH_TRAIL]);
const SJIS_PAIRS = pairTable(
  [
    [0x81, 0x9f],
    [0xe0, 0xfc],
  ],
  [
    [0x40, 0x7e],
    [0x80, 0xfc],
  ],
);
const BIG5_PAIRS = pairTable(
  [[0xa1, 0xf9]],
  [
    [0x40, 0x7e],
    [0xa1, 0xfe],
  ],
);
const EUC_KR_PAIRS = pairTable(
  [[0x81, 0xfe]],
  [
    [0x41, 0x5a],
    [0x61, 0x7a],
    [0x81, 0xfe],
  ],
);
const EUC_PAIRS = pairTable([[0xa1, 0xfe]], [[0xa1, 0xfe]]);
const GBK = charset('pairs', 'gbk', { pairs: GBK_PAIRS });
const SJIS = charset('pairs', 'shift_jis', { pairs: SJIS_PAIRS });
const BIG5 = charset('pairs', 'big5', { pairs: BIG5_PAIRS });

const KNOWN: ReadonlyMap<string, ClientCharset> = new Map([
  ['utf8mb4', UTF8MB4],
  ['utf8mb3', UTF8MB3],
  ['utf8', UTF8MB3],
  ['latin1', LATIN1],
  ['ascii', ASCII],
  ['binary', ASCII],
  ['gbk', GBK],
  ['gb18030', charset('pairs', 'gb18030', { pairs: GBK_PAIRS })],
  ['sjis', SJIS],
  ['cp932', SJIS],
  ['big5', BIG5],
  ['euckr', charset('pairs', 'euc-kr', { pairs: EUC_KR_PAIRS })],
  ['ujis', charset('pairs', 'euc-jp', { pairs: EUC_PAIRS })],
  ['eucjpms', charset('pairs', 'euc-jp', { pairs: EUC_PAIRS })],
  ['gb2312', charset('pairs', 'gbk', { pairs: EUC_PAIRS })],
]);

const SINGLE_LABELS: ReadonlyMap<string, string> = new Map([
  ['latin2', 'iso-8859-2'],
  ['latin5', 'windows-1254'],
  ['latin7', 'iso-8859-13'],
  ['cp1250', 'windows-1250'],
  ['cp1251', 'windows-1251'],
  ['cp1256', 'windows-1256'],
  ['cp1257', 'windows-1257'],
  ['cp866', 'ibm866'],
  ['koi8r', 'koi8-r'],
  ['koi8u', 'koi8-u'],
  ['greek', 'iso-8859-7'],
  ['hebrew', 'iso-8859-8'],
  ['tis620', 'windows-874'],
  ['macroman', 'macintosh'],
  ['cp850', ''],
  ['cp852', ''],
  ['dec8', ''],
  ['hp8', ''],
  ['swe7', ''],
  ['armscii8', ''],
  ['geostd8', ''],
  ['keybcs2', ''],
  ['macce', ''],
]);
const SINGLES: ReadonlyMap<string, ClientCharset> = new Map(
  [...SINGLE_LABELS].map(([name, label]) => [name, charset('single', label, { isSure: false })]),
);

/** Stands for a set that is not known: text reads as UTF-8, and masking takes every reading of `readingsOf`. */
export const UNKNOWN_CHARSET: ClientCharset = charset('utf8', 'utf-8', { longest: 4, isSure: false });

/** A single-byte set whose 0xA0 is white space, as most have it. */
const SINGLE_WITH_NBSP = charset('single', '', { classes: NBSP_CLASSES });
const UNKNOWN_READINGS: readonly ClientCharset[] = [UTF8MB4, SINGLE_WITH_NBSP, GBK, SJIS, BIG5];

/**
 * @param name As MySQL spells it (`utf8mb4`, `gbk` …).
 * @returns What is known of the set; `UNKNOWN_CHARSET` for an empty or unheard-of name.
 */
export function clientCharset(name: string): ClientCharset {
  return KNOWN.get(name) ?? SINGLES.get(name) ?? UNKNOWN_CHARSET;
}

/** Every way in which the server may combine the bytes of this set; one where that is known. */
export function readingsOf(set: ClientCharset): readonly ClientCharset[] {
  if (set === UNKNOWN_CHARSET) return UNKNOWN_READINGS;
  return set.isSure ? [set] : [set, SINGLE_WITH_NBSP];
}

/**
 * Length of the character that begins at `at` with a byte >= 0x80, as the server's `my_ismbchar` finds it.
 * @returns Bytes of the character; 0 when the bytes form none. For single-byte sets 1 if the byte is a letter, else 0.
 */
export function characterLength(set: ClientCharset, bytes: Uint8Array, at: number, end: number): number {
  if (set.family === 'single') return set.words[bytes[at]!]!;
  const second = at + 1 < end ? bytes[at + 1]! : 0;
  if (set.family === 'pairs')
    return (set.pairs[bytes[at]!]! & LEAD) !== 0 && (set.pairs[second]! & TRAIL) !== 0 ? 2 : 0;
  const lead = bytes[at]!;
  if (lead < 0xc2 || (second & 0xc0) !== 0x80) return 0;
  if (lead < 0xe0) return 2;
  if (at + 2 >= end || (bytes[at + 2]! & 0xc0) !== 0x80) return 0;
  if (lead < 0xf0) return lead === 0xe0 && second < 0xa0 ? 0 : 3;
  if (set.longest < 4 || at + 3 >= end || (bytes[at + 3]! & 0xc0) !== 0x80) return 0;
  if (lead > 0xf4 || (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0;
  return 4;
}

/** Whether the character of `length` bytes at `at`, of two bytes at least, may be part of a name (`isLetter`). */
function isNameCharacter(set: ClientCharset, bytes: Uint8Array, at: number, length: number): boolean {
  if (set.family === 'pairs') return letterPairs(set)[(bytes[at]! << 8) | bytes[at + 1]!] === 1;
  const lead = bytes[at]! & (0xff >> (length + 1));
  let codePoint = lead;
  for (let i = 1; i < length; i++) codePoint = (codePoint << 6) | (bytes[at + i]! & 0x3f);
  return isLetter(codePoint);
}

/** Length of what begins at `at` with a byte >= 0x80 and is part of no name; 0 where it is. */
export function strayLength(set: ClientCharset, bytes: Uint8Array, at: number, end: number): number {
  const length = characterLength(set, bytes, at, end);
  if (length === 1 || (length > 1 && isNameCharacter(set, bytes, at, length))) return 0;
  return length === 0 ? 1 : length;
}

const letterTables = new Map<string, Uint8Array>();

/** 1 for the pairs that decode to a letter; made when a set's first pair is seen outside quotes, in some 20 ms. */
function letterPairs(set: ClientCharset): Uint8Array {
  let table = letterTables.get(set.label);
  if (table !== undefined) return table;
  table = new Uint8Array(0x10000);
  const decoder = new TextDecoder(set.label);
  const pair = new Uint8Array(2);
  for (let place = 0x8000; place < 0x10000; place++) {
    pair[0] = place >> 8;
    pair[1] = place & 0xff;
    const text = decoder.decode(pair);
    const codePoint = text.codePointAt(0)!;
    if (String.fromCodePoint(codePoint) === text && isLetter(codePoint)) table[place] = 1;
  }
  letterTables.set(set.label, table);
  return table;
}

/** End of the unquoted identifier's bytes from `start` on, as this set tells letters. */
export function nameEnd(set: ClientCharset, bytes: Uint8Array, start: number, limit: number): number {
  const words = set.words;
  let at = start;
  for (;;) {
    while (at < limit && words[bytes[at]!] === 1) at++;
    if (at >= limit || bytes[at]! < 0x80) return at;
    const length = characterLength(set, bytes, at, limit);
    if (length === 0 || (length > 1 && !isNameCharacter(set, bytes, at, length))) return at;
    at += length;
  }
}
