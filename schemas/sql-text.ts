import type { FeatureSet } from './feature-set.ts';
import type { Statement } from './statement.ts';

/** What the lexer must know of the session to read a text as the server did. */
export interface SqlMode {
  /** Client character set name as MySQL spells it (`utf8mb4`, `gbk`, `sjis` …); empty when unknown. */
  readonly charset: string;
  /** Session status flag 0x0200; null when unknown. */
  readonly noBackslashEscapes: boolean | null;
  /** From SET sql_mode; null when unknown. */
  readonly ansiQuotes: boolean | null;
}

/** What is missing of a text: nothing, its end, or its beginning (then nothing of it may be shown). */
export type TextLoss = 'none' | 'tail' | 'head';

/**
 * The unmasked text of a statement as bytes of the client's character set. A prepared statement has one SqlText that all
 * its executes share, so that it is masked once.
 */
export class SqlText {
  /** Not copied; nobody writes to it after construction. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly mode: SqlMode;
  readonly loss: TextLoss;
  /** What mask made of this text; null until then. */
  masked: Statement | null = null;
  /** What the masking policy shows of it, where that is more than the masked text; else empty. */
  shown = '';
  /** What is striking about it; null until mask has looked, and where nobody asks. */
  features: FeatureSet | null = null;

  constructor(bytes: Buffer, start: number, end: number, mode: SqlMode, loss: TextLoss = 'none') {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.mode = mode;
    this.loss = loss;
  }
}
