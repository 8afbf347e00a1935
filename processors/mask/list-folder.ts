// Hot path

import type { ByteSink } from './byte-sink.ts';
import { W_IN, W_LAST_CONSTANT, W_OTHER, W_ROW, W_VALUE, W_VALUES } from './hot-words.ts';
import { COMMAS_ANYWHERE, COMMAS_BETWEEN_NAMES, COMMAS_STOP } from './plain-run.ts';

/** Deeper parentheses are masked like any other but their lists stay as long as they are. */
const MAX_DEPTH = 250;

/** What a list element is made of so far. */
const E_EMPTY = 0;
const E_SIGN = 1;
const E_LITERAL = 2;
/** NULL, TRUE, FALSE, DEFAULT: literals of a list, words elsewhere. */
const E_CONSTANT = 3;
/** `?+`: a list folded before. */
const E_FOLDED = 4;
const E_OTHER = 5;

/** What a parenthesis stands in. */
const C_PLAIN = 0;
const C_IN = 1;
const C_ROW = 2;
const C_IN_ROW = 3;

/** Where the rows of VALUES or of IN ((…), …) stand. */
const R_NONE = 0;
const R_EXPECTED = 1;
const R_DONE = 2;

/** Elements of a list from which on a look ahead pays. */
const LONG_LIST = 8;

const PLUS = 0x2b;
const MARK = 0x3f;

/**
 * Folds lists in the masked text while it is written: `(?, ?)` to `(?+)`, equal rows to one row with `+`, a signed literal
 * or constant of a list to `?`. It works on what `ByteSink` holds already, cutting it back, so each byte is written and
 * compared at most once per level of a row: linear time.
 */
export class ListFolder {
  /** Nothing but `(`, `,`, `)` and the words of `hotWord` can change a list now; other tokens need not be told. */
  isQuiet = true;
  private depth = 0;
  private tooDeep = 0;
  private lastWord = W_OTHER;
  private readonly context = new Uint8Array(MAX_DEPTH + 2);
  private readonly openAt = new Int32Array(MAX_DEPTH + 2);
  /** Elements closed so far. */
  private readonly count = new Int32Array(MAX_DEPTH + 2);
  /** 1 while every element closed so far is a literal or constant. */
  private readonly allLiteral = new Uint8Array(MAX_DEPTH + 2);
  private readonly isFolded = new Uint8Array(MAX_DEPTH + 2);
  private readonly element = new Uint8Array(MAX_DEPTH + 2);
  private readonly elementAt = new Int32Array(MAX_DEPTH + 2);
  private readonly rows = new Uint8Array(MAX_DEPTH + 2);
  private readonly rowAt = new Int32Array(MAX_DEPTH + 2);
  private readonly lastRowAt = new Int32Array(MAX_DEPTH + 2);
  private readonly lastRowEnd = new Int32Array(MAX_DEPTH + 2);
  private readonly sink: ByteSink;

  constructor(sink: ByteSink) {
    this.sink = sink;
  }

  /** Outside all lists, where not even `,` can change one. */
  get isIdle(): boolean {
    return this.isQuiet && this.depth === 0;
  }

  /** What commas between tokens that need not be told do to the list: outside all lists, and in one with a name in it, nothing. */
  get commas(): number {
    if (this.depth === 0) return COMMAS_ANYWHERE;
    return this.allLiteral[this.depth] === 0 ? COMMAS_BETWEEN_NAMES : COMMAS_STOP;
  }

  /** A long list stands open, all literals so far: of more of them up to its end nothing shows. */
  get isOfLiterals(): boolean {
    const d = this.depth;
    return (
      d > 0 &&
      this.tooDeep === 0 &&
      this.allLiteral[d] === 1 &&
      this.count[d]! >= LONG_LIST &&
      this.element[d] === E_LITERAL
    );
  }

  /** Rows outside of parentheses were folded into `(?+)+`, and the last of them ends here: of more of them nothing shows. */
  get isBehindRows(): boolean {
    if (this.depth > 0 || this.tooDeep > 0 || this.rows[0] !== R_DONE || this.lastRowAt[0]! < 0) return false;
    const { bytes, length } = this.sink;
    const end = this.lastRowEnd[0]!;
    const start = this.lastRowAt[0]!;
    return (
      length === end + 1 &&
      bytes[end] === PLUS &&
      end - start === 4 &&
      bytes[end - 2] === PLUS &&
      bytes[end - 3] === MARK
    );
  }

  begin(): void {
    this.depth = 0;
    this.tooDeep = 0;
    this.lastWord = W_OTHER;
    this.rows[0] = R_NONE;
    this.element[0] = E_OTHER;
    this.isQuiet = true;
  }

  /** A literal or placeholder was written at `at`. */
  literal(at: number): void {
    this.lastWord = W_OTHER;
    const d = this.depth;
    this.rows[d] = R_NONE;
    const element = this.element[d]!;
    this.isQuiet = element > E_SIGN;
    if (element === E_EMPTY) this.elementAt[d] = at;
    this.element[d] = this.isQuiet ? E_OTHER : E_LITERAL;
  }

  /** A word of `hotWord`'s ids was written at `at`. */
  word(word: number, at: number): void {
    const d = this.depth;
    this.lastWord = word;
    if (word === W_ROW && this.rows[d] === R_EXPECTED) this.rowAt[d] = at;
    else if (word === W_VALUES || word === W_VALUE) {
      this.rows[d] = R_EXPECTED;
      this.rowAt[d] = -1;
      this.lastRowAt[d] = -1;
    } else this.rows[d] = R_NONE;
    this.isQuiet = word === W_OTHER;
    if (word !== W_OTHER && word <= W_LAST_CONSTANT && this.element[d] === E_EMPTY) {
      this.element[d] = E_CONSTANT;
      this.elementAt[d] = at;
    } else this.element[d] = E_OTHER;
  }

  /** Any token without a method of its own. */
  other(): void {
    this.lastWord = W_OTHER;
    this.rows[this.depth] = R_NONE;
    this.element[this.depth] = E_OTHER;
    this.isQuiet = true;
  }

  /** `+` or `-`, about to be written at `at`. */
  sign(byte: number, at: number): void {
    const d = this.depth;
    this.lastWord = W_OTHER;
    this.rows[d] = R_NONE;
    this.isQuiet = false;
    const element = this.element[d]!;
    if (element === E_EMPTY) this.elementAt[d] = at;
    if (element === E_LITERAL && byte === PLUS) this.element[d] = E_FOLDED;
    else this.element[d] = element <= E_SIGN ? E_SIGN : E_OTHER;
  }

  /** `(`, about to be written at `at`. */
  open(at: number): void {
    const d = this.depth;
    this.isQuiet = false;
    if (d >= MAX_DEPTH || this.tooDeep > 0) {
      this.tooDeep++;
      this.other();
      return;
    }
    const inside = this.context[d];
    let context = C_PLAIN;
    if (this.lastWord === W_IN) context = C_IN;
    else if (this.rows[d] === R_EXPECTED) {
      context = d > 0 && inside === C_IN ? C_IN_ROW : C_ROW;
      if (this.rowAt[d] === -1) this.rowAt[d] = at;
    }
    this.element[d] = E_OTHER;
    if (context !== C_ROW && context !== C_IN_ROW) this.rows[d] = R_NONE;
    const inner = d + 1;
    this.depth = inner;
    this.context[inner] = context;
    this.openAt[inner] = at;
    this.count[inner] = 0;
    this.allLiteral[inner] = 1;
    this.isFolded[inner] = 0;
    this.element[inner] = E_EMPTY;
    this.rows[inner] = context === C_IN ? R_EXPECTED : R_NONE;
    this.rowAt[inner] = -1;
    this.lastRowAt[inner] = -1;
    this.lastWord = W_OTHER;
  }

  /** `,`, about to be written. */
  comma(): void {
    const d = this.depth;
    if (d === 0 && this.isQuiet) return;
    this.isQuiet = false;
    this.lastWord = W_OTHER;
    if (this.tooDeep > 0) return;
    if (this.rows[d] === R_DONE) {
      if (d > 0 && this.context[d] === C_IN) this.mark();
      this.rows[d] = R_EXPECTED;
      this.rowAt[d] = -1;
    } else this.rows[d] = R_NONE;
    if (d === 0) return;
    this.closeElement(d);
    this.element[d] = E_EMPTY;
  }

  /** `)`, about to be written. */
  close(): void {
    const d = this.depth;
    this.lastWord = W_OTHER;
    if (this.tooDeep > 0 || d === 0) return;
    if (this.rows[d] === R_DONE && this.context[d] === C_IN) this.mark();
    this.closeElement(d);
    if (this.allLiteral[d] === 1) this.foldList(d);
  }

  /** `)` has been written. */
  closed(): void {
    this.isQuiet = false;
    if (this.tooDeep > 0) {
      this.tooDeep--;
      return;
    }
    const d = this.depth;
    if (d === 0) {
      this.rows[0] = R_NONE;
      return;
    }
    const context = this.context[d];
    const outer = d - 1;
    this.depth = outer;
    if (context === C_ROW || (context === C_IN_ROW && this.allLiteral[d] === 1)) this.closeRow(outer);
    else this.rows[outer] = R_NONE;
  }

  /** The text ends here: a list of which the end is missing is folded as far as it goes. */
  finish(): void {
    const d = this.depth;
    if (d === 0 || this.tooDeep > 0 || this.context[d] === C_PLAIN || this.element[d] === E_OTHER) return;
    if (this.allLiteral[d] === 0 || this.count[d]! + (this.element[d] === E_EMPTY ? 0 : 1) < 2) return;
    this.sink.cut(this.openAt[d]! + 1);
    this.sink.byte(MARK);
    this.sink.byte(PLUS);
  }

  private closeElement(d: number): void {
    const element = this.element[d]!;
    const isEmptyList = element === E_EMPTY && this.count[d] === 0;
    this.count[d]!++;
    if (element === E_LITERAL || (element === E_CONSTANT && this.context[d] !== C_PLAIN)) {
      const at = this.elementAt[d]!;
      // Most literals have neither sign nor word: their `?` stands already.
      if (element === E_LITERAL && this.sink.length === at + 1) return;
      this.sink.cut(at);
      this.sink.byte(MARK);
    } else if (element === E_FOLDED) this.isFolded[d] = 1;
    else if (element !== E_CONSTANT || isEmptyList) this.allLiteral[d] = 0;
  }

  private foldList(d: number): void {
    const isOne = this.count[d] === 1 && this.isFolded[d] === 0;
    if (isOne && this.context[d] === C_PLAIN && this.element[d] === E_CONSTANT) return;
    this.sink.cut(this.openAt[d]! + 1);
    this.sink.byte(MARK);
    if (!isOne || this.context[d] === C_IN) this.sink.byte(PLUS);
  }

  /** A row ends where the sink stands now: drops it when it equals the row before it. */
  private closeRow(d: number): void {
    this.rows[d] = R_DONE;
    const start = this.rowAt[d]!;
    const length = this.sink.length - start;
    const last = this.lastRowAt[d]!;
    if (last >= 0 && this.lastRowEnd[d]! - last === length && this.sink.same(last, start, length)) {
      this.sink.cut(this.lastRowEnd[d]!);
      this.sink.byte(PLUS);
      return;
    }
    this.lastRowAt[d] = start;
    this.lastRowEnd[d] = this.sink.length;
  }

  private mark(): void {
    if (this.sink.last() !== PLUS) this.sink.byte(PLUS);
  }
}
