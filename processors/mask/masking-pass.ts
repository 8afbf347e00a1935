// Hot path
import { JOINS } from './byte-classes.ts';
import { ByteSink } from './byte-sink.ts';
import type { ClientCharset } from './client-charset.ts';
import { CredentialWatch } from './credential-watch.ts';
import { hotWord, W_OTHER } from './hot-words.ts';
import { isIntroducer } from './introducers.ts';
import { Lexer } from './lexer.ts';
import { ListFolder } from './list-folder.ts';
import {
  T_CLOSE,
  T_END,
  T_IDENTIFIER,
  T_NUMBER,
  T_OPEN,
  T_PARAMETER,
  T_PUNCT,
  T_STRING,
  T_WORD,
} from './token-kinds.ts';

const BLANK = 0x20;
const MARK = 0x3f;

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
    sink.begin();
    folder.begin();
    credentials.begin();
    lexer.begin(bytes, start, end, set, noBackslashEscapes, ansiQuotes);
    /** Where a character set introducer was written last, if nothing was written since. */
    let introducerAt = -1;
    let wasString = false;
    let needsBlank = false;
    for (;;) {
      const kind = lexer.next();
      if (kind === T_END) break;
      if (lexer.isUnsure) return false;
      const from = lexer.start;
      const to = lexer.end;
      const first = bytes[from]!;
      if (kind === T_WORD) {
        const word = hotWord(bytes, from, to);
        if (credentials.word(word)) {
          this.literal(true);
          break;
        }
        this.separate(first, lexer.gap || needsBlank);
        needsBlank = false;
        const at = sink.length;
        sink.copy(bytes, from, to);
        wasString = false;
        if (introducerAt >= 0) folder.word(W_OTHER, introducerAt);
        introducerAt = first === 0x5f && isIntroducer(bytes, from, to) ? at : -1;
        if (introducerAt < 0) folder.word(word, at);
        continue;
      }
      if (kind === T_STRING || kind === T_NUMBER) {
        if (wasString && kind === T_STRING && lexer.isPlain) continue;
        if (kind === T_NUMBER && credentials.other()) {
          this.literal(true);
          break;
        }
        credentials.string();
        if (introducerAt >= 0) {
          if (kind === T_STRING || isRadixNumber(bytes, from, to)) sink.cut(introducerAt);
          else folder.word(W_OTHER, introducerAt);
        }
        this.literal(lexer.gap || needsBlank);
        needsBlank = false;
        introducerAt = -1;
        wasString = kind === T_STRING;
        continue;
      }
      if (introducerAt >= 0) folder.word(W_OTHER, introducerAt);
      introducerAt = -1;
      wasString = false;
      if (kind === T_PARAMETER) {
        credentials.string();
        this.literal(lexer.gap || needsBlank);
        needsBlank = false;
        continue;
      }
      if (kind === T_PUNCT ? credentials.punct(first) : credentials.other()) {
        this.literal(true);
        break;
      }
      const isMark = kind === T_OPEN || kind === T_CLOSE;
      this.separate(first, lexer.gap || needsBlank || isMark);
      needsBlank = isMark;
      if (kind === T_PUNCT) this.punct(first, bytes, from, to);
      else {
        folder.other();
        if (kind === T_IDENTIFIER) this.identifier(bytes, from, to);
        else sink.copy(bytes, from, to);
      }
    }
    folder.finish();
    return true;
  }

  private literal(gap: boolean): void {
    this.separate(MARK, gap);
    const at = this.sink.length;
    this.sink.byte(MARK);
    this.folder.literal(at);
  }

  /** Writes a blank where the text has one, and where two tokens would otherwise join into another. */
  private separate(first: number, gap: boolean): void {
    const sink = this.sink;
    const last = sink.last();
    if (last === 0) return;
    if (gap) {
      if (last !== BLANK) sink.byte(BLANK);
      return;
    }
    if (
      (last === MARK && (first === MARK || JOINS[first] === 1)) ||
      (first === MARK && JOINS[last] === 1) ||
      (first === 0x2d && last === 0x2d)
    ) {
      sink.byte(BLANK);
    }
  }

  private punct(first: number, bytes: Uint8Array, from: number, to: number): void {
    const { sink, folder } = this;
    switch (first) {
      case 0x28:
        folder.open(sink.length);
        sink.byte(first);
        return;
      case 0x29:
        folder.close();
        sink.byte(first);
        folder.closed();
        return;
      case 0x2c:
        folder.comma();
        sink.byte(first);
        return;
      case 0x2b:
      case 0x2d:
        folder.sign(first, sink.length);
        sink.byte(first);
        return;
      default:
        folder.other();
        sink.copy(bytes, from, to);
    }
  }

  /** Copies a quoted identifier; control characters in it become blanks, for none may reach a terminal. */
  private identifier(bytes: Uint8Array, from: number, to: number): void {
    const sink = this.sink;
    for (let at = from; at < to; at++) {
      const c = bytes[at]!;
      sink.byte(c < 0x20 || c === 0x7f ? BLANK : c);
    }
  }
}

function isRadixNumber(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from > 2 && bytes[from] === 0x30 && ((bytes[from + 1]! | 0x20) === 0x78 || (bytes[from + 1]! | 0x20) === 0x62)
  );
}
