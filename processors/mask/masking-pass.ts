// Hot path
import { JOINS } from './byte-classes.ts';
import { ByteSink } from './byte-sink.ts';
import type { ClientCharset } from './client-charset.ts';
import { CredentialWatch } from './credential-watch.ts';
import { hotWord, W_OTHER } from './hot-words.ts';
import { isIntroducer } from './introducers.ts';
import { Lexer } from './lexer.ts';
import { ListFolder } from './list-folder.ts';
import { plainRunEnd } from './plain-run.ts';
import { T_CLOSE, T_END, T_LAST_MASKED, T_NUMBER, T_OPEN, T_PUNCT, T_STRING, T_WORD } from './token-kinds.ts';

const BLANK = 0x20;
const OPEN_BYTE = 0x28;
const CLOSE_BYTE = 0x29;
const COMMA_BYTE = 0x2c;
const DASH_BYTE = 0x2d;
const SEMICOLON = 0x3b;
const MARK = 0x3f;
const UNDERSCORE = 0x5f;
const DELETE = 0x7f;

/** 1 for `(`, `)`, `,`, `+` and `-`. */
const LIST_PUNCT = new Uint8Array(256);
for (const byte of [OPEN_BYTE, CLOSE_BYTE, COMMA_BYTE, 0x2b, DASH_BYTE]) LIST_PUNCT[byte] = 1;

/**
 * Masked text is never longer than this many times its source: a token is written as it is or as `?`, with one blank, and
 * only `/*!` and its end, of two bytes at least, with two.
 */
const LONGEST_GROWTH = 3;
const SLACK = 64;

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

  /** @returns False where the reading is not sure (see `Lexer`): what was written must not be used. */
  run(
    bytes: Uint8Array,
    start: number,
    end: number,
    set: ClientCharset,
    noBackslashEscapes: boolean | null,
    ansiQuotes: boolean | null,
  ): boolean {
    const { sink, lexer, folder, credentials } = this;
    sink.begin(LONGEST_GROWTH * (end - start) + SLACK);
    folder.begin();
    credentials.begin();
    lexer.begin(bytes, start, end, set, noBackslashEscapes, ansiQuotes);
    const out = sink.bytes;
    let o = 0;
    // What is shown as it stands is copied by stretches: `bytes[from, to)` is still to be written at `o`.
    let stretchFrom = start;
    let stretchTo = start;
    /** Where a character set introducer begins, if nothing came after it. */
    let introducerAt = -1;
    let wasString = false;
    let needsBlank = false;
    for (;;) {
      let kind = T_WORD;
      let word = W_OTHER;
      let from = lexer.end;
      let to = from;
      let hasGap = false;
      if (!credentials.isWatching && !lexer.isInside) {
        while (from < end && bytes[from] === BLANK) from++;
        hasGap = from > to;
        to = plainRunEnd(bytes, from, end, folder.commas, !folder.isQuiet);
      }
      if (to > from) lexer.skipTo(to);
      else {
        kind = lexer.next();
        if (kind === T_END) break;
        if (lexer.isUnsure) return false;
        from = lexer.start;
        to = lexer.end;
        hasGap = lexer.gap;
        if (kind === T_WORD) word = hotWord(bytes, from, to);
      }
      const first = bytes[from]!;
      if (wasString && kind === T_STRING && lexer.isPlain) continue;
      const isSecret = (credentials.isWatching || first === SEMICOLON) && credentials.sees(kind, word, first);
      const isShown = kind > T_LAST_MASKED && !isSecret;
      wasString = kind === T_STRING;
      if (introducerAt >= 0) {
        if (wasString || (kind === T_NUMBER && isRadixNumber(bytes, from, to))) {
          o = this.flush(bytes, stretchFrom, stretchTo, o);
          o = introducerAt;
          stretchFrom = stretchTo;
        } else folder.word(W_OTHER, introducerAt);
        introducerAt = -1;
      }

      const isMark = kind === T_OPEN || kind === T_CLOSE;
      const gap = hasGap || needsBlank || isMark;
      const hasStretch = stretchTo > stretchFrom;
      if (
        isShown &&
        hasStretch &&
        (gap ? stretchTo === from - 1 && bytes[stretchTo] === BLANK : bytes[stretchTo - 1] !== DASH_BYTE)
      ) {
        // The stretch goes on: its blank is the text's own.
      } else {
        if (hasStretch) o = this.flush(bytes, stretchFrom, stretchTo, o);
        if (o > 0) {
          // A blank where the text has one, and where two tokens would otherwise join into another.
          const last = out[o - 1]!;
          if (gap || isSecret) {
            if (last !== BLANK) out[o++] = BLANK;
          } else if (!isShown) {
            if (last === MARK || JOINS[last] === 1) out[o++] = BLANK;
          } else if ((last === MARK && JOINS[first] === 1) || (first === DASH_BYTE && last === DASH_BYTE)) {
            out[o++] = BLANK;
          }
        }
        stretchFrom = from;
      }
      needsBlank = isMark;
      stretchTo = to;

      if (!isShown) {
        stretchFrom = to;
        if (!folder.isQuiet) folder.literal(o);
        out[o++] = MARK;
        if (isSecret) {
          // Whether the text ends unclosed is known only there.
          while (lexer.next() !== T_END);
          break;
        }
      } else if (kind === T_WORD) {
        if (first === UNDERSCORE && isIntroducer(bytes, from, to)) introducerAt = o + from - stretchFrom;
        else if (word !== W_OTHER || !folder.isQuiet) folder.word(word, o + from - stretchFrom);
      } else if (kind === T_PUNCT && LIST_PUNCT[first] === 1) {
        if (first !== OPEN_BYTE && first !== CLOSE_BYTE && folder.isIdle) continue;
        sink.length = this.flush(bytes, stretchFrom, from, o);
        this.listPunct(first);
        o = sink.length;
        stretchFrom = to;
      } else {
        if (!folder.isQuiet) folder.other();
        if (lexer.hasControl) {
          o = this.flush(bytes, stretchFrom, from, o);
          o = this.withoutControls(bytes, from, to, o);
          stretchFrom = to;
        }
      }
    }
    sink.length = this.flush(bytes, stretchFrom, stretchTo, o);
    folder.finish();
    return true;
  }

  /** @returns Where the written text ends. */
  private flush(bytes: Uint8Array, from: number, to: number, at: number): number {
    const out = this.sink.bytes;
    let o = at;
    for (let i = from; i < to; i++) out[o++] = bytes[i]!;
    return o;
  }

  /** Copies a quoted identifier with blanks for control characters: none may reach a terminal. */
  private withoutControls(bytes: Uint8Array, from: number, to: number, at: number): number {
    const out = this.sink.bytes;
    let o = at;
    for (let i = from; i < to; i++) {
      const c = bytes[i]!;
      out[o++] = c < BLANK || c === DELETE ? BLANK : c;
    }
    return o;
  }

  /** A byte that begins, parts or ends a list, or is the sign of an element. */
  private listPunct(byte: number): void {
    const { sink, folder } = this;
    if (byte === OPEN_BYTE) folder.open(sink.length);
    else if (byte === CLOSE_BYTE) {
      folder.close();
      sink.byte(byte);
      folder.closed();
      return;
    } else if (byte === COMMA_BYTE) folder.comma();
    else folder.sign(byte, sink.length);
    sink.byte(byte);
  }
}

function isRadixNumber(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from > 2 && bytes[from] === 0x30 && ((bytes[from + 1]! | 0x20) === 0x78 || (bytes[from + 1]! | 0x20) === 0x62)
  );
}
