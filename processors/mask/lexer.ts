// Hot path
import {
  AT,
  BACK_QUOTE,
  BACKSLASH,
  DASH,
  DIGIT,
  DOLLAR,
  DOT,
  DOUBLE_QUOTE,
  HASH,
  HIGH,
  IS_DIGIT,
  IS_WORD,
  QUESTION,
  QUOTE,
  SLASH,
  SPACE,
  STAR,
  WORD,
} from './byte-classes.ts';
import { type ClientCharset, nameEnd, strayLength, UNKNOWN_CHARSET } from './client-charset.ts';
import { isLiteralPrefix } from './introducers.ts';
import { isOutOfPhase } from './quote-phase.ts';
import { isName } from './quoted-name.ts';
import {
  beginsAsValue,
  blockCommentEnd,
  dollarBodyEnd,
  dollarTagLength,
  holdsCommentEnd,
  lineEnd,
  looksLikeValue,
  numberEnd,
  placeholderEnd,
  versionEnd,
  wordEnd,
} from './scan.ts';
import { holdsBackslash, stringEnd } from './scan-quoted.ts';
import {
  T_CLOSE,
  T_END,
  T_IDENTIFIER,
  T_NUMBER,
  T_OPEN,
  T_PARAMETER,
  T_PUNCT,
  T_STRAY,
  T_STRING,
  T_VARIABLE,
  T_WORD,
} from './token-kinds.ts';

/**
 * Cuts SQL bytes into tokens as the server's lexer does (sql/sql_lex.cc), one `next` at a time, in linear time and without
 * allocation. White space and comments become `gap`. Where modes read on differently `isUnsure` goes up (read it in every mode
 * and mask what any takes for a literal); where servers of different version do, the rest of the text is one T_STRING.
 */
export class Lexer {
  kind = T_END;
  start = 0;
  end = 0;
  /** White space or a comment stands before the token. */
  gap = false;
  /** For T_STRING: a plain quote, which joins with a string just before it. */
  isPlain = false;
  /** For T_IDENTIFIER: more than a name, code or values, stands between its quotes. */
  isHidden = false;
  isUnsure = false;
  /** A string so far stood where SQL has none: see `isOutOfPhase`. */
  isOutOfPhase = false;
  /** The next token stands in a versioned comment or hint, which some servers skip up to the first comment end. */
  isInside = false;

  private bytes: Uint8Array = new Uint8Array(0);
  private begins = 0;
  private limit = 0;
  private set: ClientCharset = UNKNOWN_CHARSET;
  private classes: Uint8Array = UNKNOWN_CHARSET.classes;
  /** Lead and trail bytes of a set of pairs; null where no backslash or quote can be half a character. */
  private pairs: Uint8Array | null = null;
  private escapes = true;
  private escapesUnsure = true;
  private ansi = false;
  private ansiUnsure = true;
  private afterName = false;
  private isOpen = false;

  /** After T_END: the text ends inside a string, quoted identifier or comment, or its rest has no reading to trust. */
  get isUnclosed(): boolean {
    return this.isOpen || this.isInside;
  }

  /** Null modes are unsure: the text is read as by default (escapes on, `"` a string) and `isUnsure` reports a difference. */
  begin(
    bytes: Uint8Array,
    start: number,
    end: number,
    set: ClientCharset,
    noBackslashEscapes: boolean | null,
    ansiQuotes: boolean | null,
  ): void {
    this.bytes = bytes;
    this.begins = start;
    this.limit = end;
    this.set = set;
    this.classes = set.classes;
    this.pairs = set.family === 'pairs' ? set.pairs : null;
    this.escapes = noBackslashEscapes !== true;
    this.escapesUnsure = noBackslashEscapes === null;
    this.ansi = ansiQuotes === true;
    this.ansiUnsure = ansiQuotes === null;
    this.isInside = false;
    this.isUnsure = false;
    this.isOutOfPhase = false;
    this.isOpen = false;
    this.token(T_END, start, start);
  }

  /** Goes on after `end`, where something ends that `next` was not asked for. */
  skipTo(end: number): void {
    const last = this.bytes[end - 1]!;
    this.end = end;
    this.kind = IS_WORD[last] === 1 || last === 0x60 ? T_WORD : T_PUNCT;
    this.afterName = false;
  }

  /** Moves to the next token; T_END at the end of the text, again and again. */
  next(): number {
    const { bytes, limit, classes } = this;
    let at = this.end;
    this.gap = false;
    while (at < limit) {
      const byteClass = classes[bytes[at]!]!;
      if (byteClass === WORD) return this.word(at);
      if (byteClass === SPACE) {
        at++;
        this.gap = true;
        continue;
      }
      const second = at + 1 < limit ? bytes[at + 1]! : 0;
      if (byteClass === DASH) {
        if (second !== 0x2d || (at + 2 < limit && classes[bytes[at + 2]!] !== SPACE))
          return this.token(T_PUNCT, at, at + 1);
      } else if (byteClass === SLASH) {
        if (second !== 0x2a) return this.token(T_PUNCT, at, at + 1);
        const third = at + 2 < limit ? bytes[at + 2]! : 0;
        if (third === 0x21 || third === 0x2b) return this.open(at, at + 3);
        if ((third === 0x4d || third === 0x6d) && at + 3 < limit && bytes[at + 3] === 0x21)
          return this.open(at, at + 4);
        at = this.closed(blockCommentEnd(bytes, at + 2, limit));
        this.gap = true;
        continue;
      } else if (byteClass !== HASH) {
        return this.other(byteClass, at, second);
      }
      const stop = lineEnd(bytes, at, limit);
      if (this.isInside && holdsCommentEnd(bytes, at, stop)) return this.lose(at);
      at = stop;
      this.gap = true;
    }
    return this.token(T_END, limit, limit);
  }

  private other(byteClass: number, at: number, second: number): number {
    switch (byteClass) {
      case QUOTE:
        return this.quoted(at, at, 0x27);
      case DIGIT:
        return this.number(at);
      case DOT: {
        const isDigit = IS_DIGIT[second] === 1;
        const joinsName = !this.gap && (this.kind === T_WORD || this.kind === T_IDENTIFIER || this.kind === T_VARIABLE);
        if (isDigit && !joinsName) return this.number(at);
        this.token(T_PUNCT, at, at + 1);
        this.afterName = isDigit;
        return T_PUNCT;
      }
      case QUESTION:
        return this.token(T_PARAMETER, at, placeholderEnd(this.bytes, at, this.limit));
      case STAR:
        if (this.isInside && second === 0x2f) {
          this.isInside = false;
          return this.token(T_CLOSE, at, at + 2);
        }
        return this.token(T_PUNCT, at, at + 1);
      case BACK_QUOTE:
        return this.identifier(at, 0x60);
      case DOUBLE_QUOTE:
        return this.ansi ? this.identifier(at, 0x22) : this.quoted(at, at, 0x22);
      case AT:
        return this.variable(at, second);
      case DOLLAR:
        return this.dollar(at);
      case HIGH: {
        const length = strayLength(this.set, this.bytes, at, this.limit);
        return length === 0 ? this.word(at) : this.token(T_STRAY, at, at + length);
      }
      case BACKSLASH:
        return second === 0x4e ? this.token(T_NUMBER, at, at + 2) : this.token(T_PUNCT, at, at + 1);
      default:
        return this.token(T_PUNCT, at, at + 1);
    }
  }

  private token(kind: number, start: number, end: number): number {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.isPlain = false;
    this.isHidden = false;
    this.afterName = false;
    return kind;
  }

  /** @param end One byte after the text's end where what began has no end. */
  private closed(end: number): number {
    if (end <= this.limit) return end;
    this.isOpen = true;
    return this.limit;
  }

  /** The rest of the text is one literal: no reading of it can be trusted. */
  private lose(at: number): number {
    this.isOpen = true;
    return this.token(T_STRING, at, this.limit);
  }

  private word(at: number): number {
    const { bytes, limit } = this;
    const end = nameEnd(this.set, bytes, at, limit);
    const isPrefix = end === at + 1 && end < limit && bytes[end] === 0x27 && isLiteralPrefix(bytes[at]!);
    return isPrefix ? this.quoted(at, end, 0x27) : this.token(T_WORD, at, end);
  }

  private number(at: number): number {
    // After `name.` digits begin an identifier. Such a word ends before bytes >= 0x80, whatever the character set.
    const end =
      this.afterName && !this.gap ? -wordEnd(this.bytes, at, this.limit) : numberEnd(this.bytes, at, this.limit);
    if (end > 0) return this.token(T_NUMBER, at, end);
    return this.token(looksLikeValue(this.bytes, at, -end) ? T_NUMBER : T_WORD, at, -end);
  }

  private variable(at: number, second: number): number {
    if (second === 0x40) return this.token(T_PUNCT, at, at + 2);
    const bytes = this.bytes;
    let end = at + 1;
    // Bytes >= 0x80 end it, whatever the character set: what follows is a word then, and reads the same as UTF-8.
    while (end < this.limit && (IS_WORD[bytes[end]!] === 1 || bytes[end] === 0x2e)) end++;
    const isName = end > at + 1 && !beginsAsValue(bytes, at + 1, end);
    return isName ? this.token(T_VARIABLE, at, end) : this.token(T_PUNCT, at, at + 1);
  }

  /** A string whose first quote is at `open`; `at` is where its prefix begins. */
  private quoted(at: number, open: number, quote: number): number {
    const bytes = this.bytes;
    const before = this.kind === T_OPEN ? this.begins : this.end;
    const end = this.closed(stringEnd(bytes, open, this.limit, quote, this.escapes, this.pairs));
    const isPrefixed = open > at;
    const isModeUnsure = this.escapesUnsure || (this.ansiUnsure && this.escapes && quote === 0x22);
    if ((isModeUnsure || isPrefixed) && holdsBackslash(bytes, open, end)) {
      if (isModeUnsure) this.isUnsure = true;
      // The server stops at a backslash in x'..' and b'..': where the literal ends is anyone's guess.
      if (isPrefixed && (bytes[at]! | 0x20) !== 0x6e) return this.lose(at);
    }
    if (this.isInside && holdsCommentEnd(bytes, open, end)) return this.lose(at);
    this.isOutOfPhase ||= isOutOfPhase(bytes, this.begins, before, at, end, this.limit);
    this.token(T_STRING, at, end);
    this.isPlain = !isPrefixed;
    return T_STRING;
  }

  private identifier(at: number, quote: number): number {
    const bytes = this.bytes;
    const end = this.closed(stringEnd(bytes, at, this.limit, quote, false, this.pairs));
    if (this.isInside && holdsCommentEnd(bytes, at, end)) return this.lose(at);
    this.token(T_IDENTIFIER, at, end);
    this.isHidden = !isName(bytes, at + 1, this.isOpen ? end : end - 1, this.pairs);
    return T_IDENTIFIER;
  }

  /** `$$ … $$` or `$tag$ … $tag$`: a string for MySQL 9, words and quotes for every other server. */
  private dollar(at: number): number {
    const { bytes, limit } = this;
    const length = dollarTagLength(bytes, at, limit, this.set.words);
    if (length === 0) {
      const ascii = wordEnd(bytes, at, limit);
      if (looksLikeValue(bytes, at + 1, ascii)) return this.token(T_NUMBER, at, ascii);
      return this.token(T_WORD, at, nameEnd(this.set, bytes, at, limit));
    }
    const end = this.isInside ? -1 : dollarBodyEnd(bytes, at, length, limit);
    if (end > 0) return this.token(T_STRING, at, end);
    return this.lose(at);
  }

  private open(at: number, mark: number): number {
    this.isInside = true;
    return this.token(T_OPEN, at, this.bytes[mark - 1] === 0x21 ? versionEnd(this.bytes, mark, this.limit) : mark);
  }
}
