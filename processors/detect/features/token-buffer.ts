// Hot path

import type { ClientCharset } from '../../mask/client-charset.ts';
import { Lexer } from '../../mask/lexer.ts';
import {
  T_CLOSE,
  T_END,
  T_IDENTIFIER,
  T_NUMBER,
  T_OPEN,
  T_PARAMETER,
  T_PUNCT,
  T_STRING,
  T_VARIABLE,
  T_WORD,
} from '../../mask/token-kinds.ts';
import { isName } from './data-names.ts';
import { isRow } from './literal-rows.ts';
import {
  C_AMPERSANDS,
  C_END,
  C_NAME,
  C_NUMBER,
  C_PARAMETER,
  C_PIPES,
  C_PUNCT,
  C_STRAY,
  C_STRING,
  C_SYSTEM,
  C_VARIABLE,
  CLOSE,
  COMMA,
  DOT,
  GAP_NONE,
  OPEN,
} from './token-codes.ts';
import { gapKind } from './token-gaps.ts';
import { id, ids, wordId } from './words.ts';

const PIPE = 0x7c;
const AMPERSAND = 0x26;

/** Tokens looked at together. */
const BUFFERED_TOKENS = 16_384;
/** Of a longer text, how many of the last tokens are seen again with those that follow. */
const OVERLAP = 2048;
/** Places behind the last token that may be asked for without a look at the length. */
const BEYOND = 16;
/** Literals of one list that are kept: the others say nothing more. */
const MOST_OF_LIST = 24;

/**
 * The tokens of a statement as detectors see them: long lists of literals and equal rows are shortened, comments are gaps, what
 * stands in versioned comments is code, hints are left out. A longer text comes in overlapping parts.
 */
export class TokenBuffer {
  readonly code = new Uint16Array(BUFFERED_TOKENS + BEYOND);
  readonly start = new Int32Array(BUFFERED_TOKENS);
  readonly end = new Int32Array(BUFFERED_TOKENS);
  readonly gap = new Uint8Array(BUFFERED_TOKENS);
  /** 1 for tokens in a versioned comment. */
  readonly inside = new Uint8Array(BUFFERED_TOKENS);
  /** Of a parenthesis, its partner; -1 where that is missing or in another part. */
  readonly pair = new Int32Array(BUFFERED_TOKENS);
  /** Names before each token: none between two places means that nothing there depends on data. */
  readonly names = new Int32Array(BUFFERED_TOKENS + 1);
  length = 0;
  /** False where tokens before these were let go. */
  isFirst = true;
  isLast = true;
  /** Between the last token and the end of the text; equal where nothing is. */
  tailFrom = 0;
  tailTo = 0;
  bytes: Uint8Array = new Uint8Array(0);
  set: ClientCharset;
  escapes = true;
  readonly lexer = new Lexer();
  /** A table is read or written: a query that something could be injected into. */
  hasTable = false;
  /** Whether a detector asked for more than the masked text shows: what it found holds for this text alone. */
  hasLooked = false;

  private readonly opens = new Int32Array(BUFFERED_TOKENS);
  private depth = 0;
  private listLength = 0;
  /** What the lexer takes for a hint may be a comment where no hint can be. */
  isInHint = false;
  private isDone = false;
  private hasQuotedNames = false;

  constructor(set: ClientCharset) {
    this.set = set;
  }

  begin(
    bytes: Uint8Array,
    start: number,
    end: number,
    set: ClientCharset,
    noBackslashEscapes: boolean | null,
    ansiQuotes: boolean | null,
  ): void {
    this.bytes = bytes;
    this.set = set;
    this.escapes = noBackslashEscapes !== true;
    this.lexer.begin(bytes, start, end, set, noBackslashEscapes, ansiQuotes);
    this.length = 0;
    this.depth = 0;
    this.listLength = 0;
    this.isInHint = false;
    this.isDone = false;
    this.hasQuotedNames = false;
    this.isFirst = true;
    this.isLast = false;
    this.hasLooked = false;
    this.hasTable = false;
    this.tailFrom = this.tailTo = end;
  }

  /** Reads the next part. @returns False where nothing is left. */
  fill(): boolean {
    if (this.isDone) return false;
    if (this.length > 0) this.shift();
    const { lexer } = this;
    while (this.length < BUFFERED_TOKENS) {
      const before = lexer.end;
      const kind = lexer.next();
      if (kind === T_END) {
        this.tailFrom = before;
        this.tailTo = lexer.end;
        this.isDone = true;
        break;
      }
      if (kind === T_OPEN) {
        if (this.bytes[lexer.end - 1] === 0x2b) this.isInHint = true;
      } else if (kind === T_CLOSE) this.isInHint = false;
      else if (!this.isInHint) this.take(kind, before);
    }
    this.isLast = this.isDone;
    if (this.isDone && lexer.isUnclosed) this.hasLooked = true;
    this.code.fill(C_END, this.length, this.length + BEYOND);
    if (this.hasQuotedNames) this.doubleQuotesAreNames();
    this.countNames();
    return true;
  }

  private take(kind: number, before: number): void {
    const { lexer, bytes } = this;
    let code = C_STRAY;
    const first = bytes[lexer.start]!;
    switch (kind) {
      case T_WORD:
        code = wordId(bytes, lexer.start, lexer.end);
        break;
      case T_STRING:
        code = C_STRING;
        break;
      case T_NUMBER:
        code = C_NUMBER;
        break;
      case T_PARAMETER:
        code = C_PARAMETER;
        break;
      case T_IDENTIFIER:
        code = C_NAME;
        if (lexer.isHidden) this.hasLooked = true;
        break;
      case T_VARIABLE:
        code = C_VARIABLE;
        break;
      case T_PUNCT:
        code = lexer.end - lexer.start === 2 ? C_SYSTEM : C_PUNCT + first;
        if (first === PIPE || first === AMPERSAND) {
          const last = this.length - 1;
          if (last >= 0 && this.code[last] === code && this.end[last] === lexer.start) {
            this.code[last] = first === PIPE ? C_PIPES : C_AMPERSANDS;
            this.end[last] = lexer.end;
            return;
          }
        }
        break;
      default:
        break;
    }
    if (!this.hasQuotedNames && (code === DOT || code === OPEN || code === C_STRING)) this.watchQuotedNames(code);
    if (this.isMoreOfList(code)) return;
    const at = this.length++;
    this.code[at] = code;
    this.start[at] = lexer.start;
    this.end[at] = lexer.end;
    this.gap[at] = lexer.gap ? gapKind(bytes, before, lexer.start) : GAP_NONE;
    this.inside[at] = lexer.isInside ? 1 : 0;
    this.pair[at] = -1;
    if (code === OPEN) {
      this.opens[this.depth++] = at;
    } else if (code === CLOSE && this.depth > 0) {
      const open = this.opens[--this.depth]!;
      this.pair[at] = open;
      this.pair[open] = at;
      this.dropEqualRow(open);
    }
  }

  private watchQuotedNames(code: number): void {
    const last = this.length - 1;
    // What a versioned comment adds to a statement may be there only to be believed.
    if (last < 0 || (this.lexer.isInside && this.inside[0] === 0)) return;
    if (code === C_STRING) {
      if (this.bytes[this.lexer.start] !== 0x22) return;
      if (BEFORE_TABLE.has(this.code[last]!) && this.isOfQuery()) this.hasQuotedNames = true;
      if (this.code[last] === DOT && last > 0 && this.code[last - 1] !== C_NUMBER) this.hasQuotedNames = true;
    } else if (
      this.code[last] === C_STRING &&
      this.bytes[this.start[last]!] === 0x22 &&
      this.end[last] === this.lexer.start
    )
      this.hasQuotedNames = true;
  }

  /** Whether FROM is no part of a call: `TRIM(BOTH "x" FROM "y")`. */
  private isOfQuery(): boolean {
    return this.code[0] !== PREPARE && (this.depth === 0 || this.code[this.opens[this.depth - 1]! + 1] === SELECT);
  }

  /** Shortens `literal, literal, …` while it comes in. */
  private isMoreOfList(code: number): boolean {
    if (code === COMMA) return false;
    const last = this.length - 1;
    const isLiteral = code === C_NUMBER || code === C_STRING || code === C_PARAMETER;
    if (!isLiteral || last < 1 || this.code[last] !== COMMA || !this.isLiteral(last - 1)) {
      if (!isLiteral) this.listLength = 0;
      return false;
    }
    if (++this.listLength < MOST_OF_LIST) return false;
    this.length = last;
    return true;
  }

  /** Rows of nothing but literals after another such row say nothing more. */
  private dropEqualRow(open: number): void {
    if (open < 2 || this.code[open - 1] !== COMMA || this.code[open - 2] !== CLOSE) return;
    const before = this.pair[open - 2]!;
    if (before < 0 || !isRow(this, open, this.length - 1) || !isRow(this, before, open - 2)) return;
    this.length = open - 1;
  }

  private isLiteral(at: number): boolean {
    const code = this.code[at]!;
    return code === C_NUMBER || code === C_STRING || code === C_PARAMETER;
  }

  /** Without ANSI_QUOTES double quotes hold strings, but a text with `"t"."c"` or `"sum"(` was written for a server with it. */
  private doubleQuotesAreNames(): void {
    for (let at = 0; at < this.length; at++)
      if (this.code[at] === C_STRING && this.bytes[this.start[at]!] === 0x22) this.code[at] = C_NAME;
  }

  private countNames(): void {
    const { names } = this;
    let count = 0;
    for (let at = 0; at < this.length; at++) {
      names[at] = count;
      if (isName(this, at)) count++;
      else if (TABLE_WORDS.has(this.code[at]!) && this.code[at + 1] !== DUAL) this.hasTable = true;
    }
    names[this.length] = count;
  }

  /** Lets all go but the last tokens, which the next part begins with. */
  private shift(): void {
    const from = this.length - OVERLAP;
    for (const array of [this.code, this.start, this.end, this.gap, this.inside])
      array.copyWithin(0, from, this.length);
    this.length = OVERLAP;
    this.isFirst = false;
    this.hasLooked = true;
    this.depth = 0;
    for (let at = 0; at < OVERLAP; at++) {
      this.pair[at] = -1;
      if (this.code[at] === OPEN) this.opens[this.depth++] = at;
      else if (this.code[at] === CLOSE && this.depth > 0) {
        const open = this.opens[--this.depth]!;
        this.pair[at] = open;
        this.pair[open] = at;
      }
    }
  }
}

const TABLE_WORDS = ids('from into update join table');
const DUAL = id('dual');
/** What a table follows and no string does. */
const BEFORE_TABLE = ids('from into update join');
const PREPARE = id('prepare');
const SELECT = id('select');
