// Hot path
import { IS_DIGIT, JOINS } from './byte-classes.ts';
import { ByteSink } from './byte-sink.ts';
import type { ClientCharset } from './client-charset.ts';
import { CredentialWatch } from './credential-watch.ts';
import { hotWord, hotWordLength, plainHotWord, W_LAST_CONSTANT, W_OTHER } from './hot-words.ts';
import { isIntroducer } from './introducers.ts';
import { Lexer } from './lexer.ts';
import { ListFolder } from './list-folder.ts';
import { plainElementsEnd, plainRowsEnd } from './plain-list.ts';
import { plainNumberEnd, plainStringEnd } from './plain-literal.ts';
import { plainRunEnd, STARTS_RUN } from './plain-run.ts';
import type { PolicyReader } from './policy-reader.ts';
import { T_CLOSE, T_END, T_LAST_MASKED, T_NUMBER, T_OPEN, T_PUNCT, T_STRING, T_WORD } from './token-kinds.ts';

const BLANK = 0x20;
const QUOTE_BYTE = 0x27;
const OPEN_BYTE = 0x28;
const CLOSE_BYTE = 0x29;
const COMMA_BYTE = 0x2c;
const DASH_BYTE = 0x2d;
const SEMICOLON = 0x3b;
const MARK = 0x3f;
const UNDERSCORE = 0x5f;

/** 1 for `(`, `)`, `,`, `+` and `-`. */
const LIST_PUNCT = new Uint8Array(256);
for (const byte of [OPEN_BYTE, CLOSE_BYTE, COMMA_BYTE, 0x2b, DASH_BYTE]) LIST_PUNCT[byte] = 1;

/**
 * Masked text is never longer than this many times its source: a token is written as it is or as `?`, with one blank, and
 * only `/*!` and its end, of two bytes at least, with two.
 */
const LONGEST_GROWTH = 3;
const SLACK = 64;
/** The same where a policy puts tokens in place of literals: `''` becomes one. */
const LONGEST_TOKEN = 20;

/**
 * One pass over a statement: tokens in, masked text out, in the client's character set. Literals become `?`, comments and
 * runs of white space one blank, lists fold. What is written reads the same when it is masked again.
 */
export class MaskingPass {
  /** The masked text of the last run; valid until the next. */
  readonly sink = new ByteSink();
  readonly lexer = new Lexer();
  private readonly folder = new ListFolder(this.sink);
  private readonly credentials = new CredentialWatch();

  /**
   * @param policy Says what stands in place of each literal; null for `?`.
   * @returns False where the reading is not sure (see `Lexer`): what was written must not be used.
   */
  run(
    bytes: Uint8Array,
    start: number,
    end: number,
    set: ClientCharset,
    noBackslashEscapes: boolean | null,
    ansiQuotes: boolean | null,
    policy: PolicyReader | null = null,
  ): boolean {
    const { sink, lexer, folder, credentials } = this;
    sink.begin((policy === null ? LONGEST_GROWTH : LONGEST_TOKEN) * (end - start) + SLACK);
    folder.begin();
    credentials.begin();
    lexer.begin(bytes, start, end, set, noBackslashEscapes, ansiQuotes);
    const out = sink.bytes;
    const pairs = set.family === 'pairs' ? set.pairs : null;
    /** Where the next byte is written; `sink.length` only while the folder works. */
    let o = 0;
    /** Where a character set introducer begins, if nothing came after it. */
    let introducerAt = -1;
    let wasString = false;
    let needsBlank = false;
    /** Up to here no list of plain literals is whole. */
    let brokenAt = 0;
    for (;;) {
      if (!credentials.isWatching && !lexer.isInside && policy === null) {
        let at = lexer.end;
        for (;;) {
          let from = at;
          while (from < end && bytes[from]! <= BLANK) from++;
          if (from >= end) break;
          const first = bytes[from]!;
          let to = from;
          if (STARTS_RUN[first] === 1) {
            to = plainRunEnd(bytes, from, end, folder.commas, !folder.isQuiet);
            const word = to > from || introducerAt >= 0 ? W_OTHER : plainHotWord(bytes, from, end);
            if (to === from && word === W_OTHER) break;
            o = blankBeforeShown(out, o, from > at || needsBlank, first);
            if (word !== W_OTHER) {
              to = from + hotWordLength(word);
              folder.word(word, o);
            } else if (!folder.isQuiet || introducerAt >= 0) folder.other();
            o = copy(bytes, from, to, out, o);
            introducerAt = -1;
            wasString = false;
          } else if (introducerAt >= 0) break;
          else if (LIST_PUNCT[first] === 1) {
            if (first === DASH_BYTE) break;
            to = from + 1;
            o = blankBeforeShown(out, o, from > at || needsBlank, first);
            if (first === OPEN_BYTE || first === CLOSE_BYTE || !folder.isIdle) o = this.listPunct(first, o);
            else out[o++] = first;
            wasString = false;
            if (first === CLOSE_BYTE && folder.isBehindRows)
              to = plainRowsEnd(bytes, start, to, end, pairs, noBackslashEscapes);
          } else {
            const isQuote = first === QUOTE_BYTE;
            if (isQuote && !wasString) to = plainStringEnd(bytes, start, at, from, end, pairs, noBackslashEscapes);
            else if (IS_DIGIT[first] === 1) to = plainNumberEnd(bytes, start, from, end);
            if (to === from) break;
            o = blankBeforeMark(out, o, from > at || needsBlank);
            if (!folder.isQuiet) folder.literal(o);
            out[o++] = MARK;
            wasString = isQuote;
            if (to >= brokenAt && bytes[to] === COMMA_BYTE && folder.isOfLiterals) {
              const last = plainElementsEnd(bytes, start, to, end, pairs, noBackslashEscapes);
              if (last < 0) brokenAt = -last;
              else to = last;
            }
          }
          needsBlank = false;
          at = to;
        }
        if (at > lexer.end) lexer.skipTo(at);
      }
      const kind = lexer.next();
      if (kind === T_END) break;
      if (lexer.isUnsure) return false;
      if (wasString && kind === T_STRING && lexer.isPlain) continue;
      const from = lexer.start;
      const to = lexer.end;
      const first = bytes[from]!;
      const word = kind === T_WORD ? hotWord(bytes, from, to) : W_OTHER;
      const isSecret = (credentials.isWatching || first === SEMICOLON) && credentials.sees(kind, word, first);
      wasString = kind === T_STRING;
      const isBare = introducerAt < 0;
      if (!isBare) {
        if (wasString || (kind === T_NUMBER && isRadixNumber(bytes, from, to))) o = introducerAt;
        else folder.word(W_OTHER, introducerAt);
        introducerAt = -1;
      }

      if (kind <= T_LAST_MASKED || isSecret) {
        o = blankBeforeMark(out, o, lexer.gap || needsBlank || isSecret);
        const shown = policy?.literal(kind, from, to, isBare, isSecret || credentials.isWatching) ?? null;
        if (shown === null) {
          if (!folder.isQuiet) folder.literal(o);
          out[o++] = MARK;
        } else {
          folder.other();
          for (let i = 0; i < shown.length; i++) out[o++] = shown.charCodeAt(i);
        }
        needsBlank = shown !== null && to < end && JOINS[bytes[to]!] === 1;
        if (isSecret) {
          // Whether the text ends unclosed is known only there.
          while (lexer.next() !== T_END);
          break;
        }
        continue;
      }

      policy?.sees(kind, from, to);
      const isMark = kind === T_OPEN || kind === T_CLOSE;
      o = blankBeforeShown(out, o, lexer.gap || needsBlank || isMark, first);
      needsBlank = isMark;
      if (kind === T_WORD) {
        if (first === UNDERSCORE && isIntroducer(bytes, from, to)) introducerAt = o;
        else if (policy?.keepsConstants === true && word !== W_OTHER && word <= W_LAST_CONSTANT) folder.other();
        else if (word !== W_OTHER || !folder.isQuiet) folder.word(word, o);
      } else if (kind !== T_PUNCT || LIST_PUNCT[first] === 0) {
        if (!folder.isQuiet) folder.other();
      } else if (first === OPEN_BYTE || first === CLOSE_BYTE || !folder.isIdle) {
        o = this.listPunct(first, o);
        continue;
      }
      if (lexer.isHidden) {
        out[o++] = first;
        out[o++] = MARK;
        out[o++] = first;
      } else o = copy(bytes, from, to, out, o);
    }
    sink.length = o;
    folder.finish();
    return true;
  }

  /** A byte that begins, parts or ends a list, or is the sign of an element. @returns Where the written text ends. */
  private listPunct(byte: number, at: number): number {
    const { sink, folder } = this;
    const out = sink.bytes;
    if (byte === OPEN_BYTE) folder.open(at);
    else if (byte === CLOSE_BYTE || byte === COMMA_BYTE) {
      sink.length = at;
      if (byte === CLOSE_BYTE) folder.close();
      else folder.comma();
      out[sink.length++] = byte;
      if (byte === CLOSE_BYTE) folder.closed();
      return sink.length;
    } else folder.sign(byte, at);
    out[at] = byte;
    return at + 1;
  }
}

function isRadixNumber(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from > 2 && bytes[from] === 0x30 && ((bytes[from + 1]! | 0x20) === 0x78 || (bytes[from + 1]! | 0x20) === 0x62)
  );
}

/** @returns Where the written text ends, after the blank that stands before a shown token, if any does. */
function blankBeforeShown(out: Uint8Array, o: number, hasGap: boolean, first: number): number {
  if (o === 0) return o;
  const last = out[o - 1]!;
  // A blank where the text has one, and where two tokens would otherwise join into another.
  const isNeeded = hasGap
    ? last !== BLANK
    : (last === MARK && JOINS[first] === 1) || (first === DASH_BYTE && last === DASH_BYTE);
  if (isNeeded) out[o] = BLANK;
  return isNeeded ? o + 1 : o;
}

/** The same before a `?`. */
function blankBeforeMark(out: Uint8Array, o: number, hasGap: boolean): number {
  if (o === 0) return o;
  const last = out[o - 1]!;
  const isNeeded = hasGap ? last !== BLANK : last === MARK || JOINS[last] === 1;
  if (isNeeded) out[o] = BLANK;
  return isNeeded ? o + 1 : o;
}

/** @returns Where the written text ends. */
function copy(bytes: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  let o = at;
  for (let i = from; i < to; i++) out[o++] = bytes[i]!;
  return o;
}
