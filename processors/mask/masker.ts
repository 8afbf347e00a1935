// Hot path
import { randomInt } from 'node:crypto';
import type { SqlText, TextLoss } from '../../schemas/sql-text.ts';
import type { Statement } from '../../schemas/statement.ts';
import { type ClientCharset, clientCharset, UNKNOWN_CHARSET } from './client-charset.ts';
import { describeStatement } from './describe-statement.ts';
import { digestOf } from './digest.ts';
import { maskedText } from './masked-text.ts';
import { MaskingPass } from './masking-pass.ts';
import type { MaskingPolicy } from './masking-policy.ts';
import { ParseBudget } from './parse-budget.ts';
import { PolicyReader } from './policy-reader.ts';
import { hashWords, StatementCache } from './statement-cache.ts';
import { firstDoubt, hideFrom } from './unclosed-text.ts';
import { hideInEveryReading } from './union-reading.ts';

/** What stands for a text of which the beginning is lost: whether its first byte is inside a literal nobody can tell. */
const LOST_HEAD_TEXT = '?';

/** No policy shows anything of longer texts. */
const LONGEST_BY_POLICY = 256 * 1024;
/** Nor of one that tokens make longer than this. */
const LONGEST_SHOWN = 1024 * 1024;

interface Interned {
  readonly statement: Statement;
  /** Cached texts that lead to it. */
  places: number;
}

/**
 * Masks statements and tells what they are. One lexer pass writes the masked text; what belongs to that text comes from a
 * cache and is worked out only for texts not seen lately. Holds no text of any statement but masked ones.
 */
export class Masker {
  private readonly pass = new MaskingPass();
  private readonly byDigest = new Map<string, Interned>();
  private readonly cache = new StatementCache((statement) => this.release(statement));
  private readonly budget = new ParseBudget();
  /** Other for each process, so that nobody can prepare texts that fall into one set of the cache. */
  private readonly seed = randomInt(0x7fffffff);
  private readonly lostHead: Statement;
  private lastName = '';
  private lastSet: ClientCharset = UNKNOWN_CHARSET;

  private readonly policy: MaskingPolicy | null;
  /** What the policy shows of the text masked last, where that is more than the masked text; else empty. */
  shown = '';
  /** Whether the last masked text shows every token of its source but the literals: nothing of it was hidden for doubt. */
  isExact = false;

  /** @param policy What of literals is shown; null for nothing. */
  constructor(policy: MaskingPolicy | null = null) {
    this.policy = policy?.showsLiterals === true ? policy : null;
    this.lostHead = Object.freeze({
      digest: digestOf(LOST_HEAD_TEXT),
      masked: LOST_HEAD_TEXT,
      kind: 'other',
      tables: Object.freeze([]),
      parse: 'skipped',
    });
  }

  /**
   * @param sql Read only, not kept. A text that lost its head becomes `LOST_HEAD_TEXT`, one that lost its tail is masked to
   * where it ends. Linear time in its length, for any bytes; never throws.
   * @returns One object for each digest, shared as long as it is in the cache.
   */
  mask(sql: SqlText): Statement {
    this.isExact = false;
    this.shown = '';
    if (sql.loss === 'head') return this.lostHead;
    this.budget.earn();
    const { mode, bytes, start, end, loss } = sql;
    if (mode.charset !== this.lastName) {
      this.lastName = mode.charset;
      this.lastSet = clientCharset(mode.charset);
    }
    const set = this.lastSet;
    const pass = this.pass;
    const isSure =
      (set.isSure || !hasHighByte(bytes, start, end)) &&
      pass.run(bytes, start, end, set, mode.noBackslashEscapes, mode.ansiQuotes);
    if (!isSure) {
      const shown = hideInEveryReading(pass.lexer, bytes, start, end, mode, loss === 'none');
      pass.run(shown, 0, shown.length, set, true, mode.ansiQuotes === true);
      if (this.isDoubtful(loss)) this.hideFromDoubt(shown, 0, shown.length, true, mode.ansiQuotes === true);
    } else if (this.isDoubtful(loss)) {
      this.hideFromDoubt(bytes, start, end, mode.noBackslashEscapes, mode.ansiQuotes);
    } else {
      this.isExact = true;
      if (this.policy !== null && end - start <= LONGEST_BY_POLICY) return this.byPolicy(sql, set, this.policy);
    }
    return this.statementOf(set);
  }

  /** No policy changes the statement, which all texts of its digest share: what is shown of this one is `shown`. */
  private byPolicy(sql: SqlText, set: ClientCharset, policy: MaskingPolicy): Statement {
    const { bytes, start, end, mode } = sql;
    const { pass } = this;
    const statement = this.statementOf(set);
    const reader = new PolicyReader(policy, bytes, end, set, mode.noBackslashEscapes !== true, statement.tables);
    pass.run(bytes, start, end, set, mode.noBackslashEscapes, mode.ansiQuotes, reader);
    const shown = pass.sink.length > LONGEST_SHOWN ? '' : maskedText(pass.sink.bytes, pass.sink.length, set);
    if (shown !== statement.masked) this.shown = shown;
    return statement;
  }

  /** Whether a quote too many may stand in the text of the last pass. */
  private isDoubtful(loss: TextLoss): boolean {
    const { lexer } = this.pass;
    return lexer.isOutOfPhase || (loss === 'none' && lexer.isUnclosed);
  }

  /** Masks a doubtful text once more, up to what cannot be trusted. */
  private hideFromDoubt(
    bytes: Uint8Array,
    start: number,
    end: number,
    noBackslashEscapes: boolean | null,
    ansiQuotes: boolean | null,
  ): void {
    const { pass, lastSet: set } = this;
    pass.lexer.begin(bytes, start, end, set, noBackslashEscapes, ansiQuotes);
    const doubt = firstDoubt(pass.lexer, bytes, end);
    if (doubt === end) return;
    const shown = hideFrom(bytes, start, doubt);
    pass.run(shown, 0, shown.length, set, noBackslashEscapes, ansiQuotes);
  }

  private statementOf(set: ClientCharset): Statement {
    const sink = this.pass.sink;
    const count = sink.pad();
    const words = sink.words;
    let union = 0;
    for (let i = 0; i < count; i++) union |= words[i]!;
    const charset = (union & 0x80808080) === 0 ? 0 : set.id;
    const hash = hashWords(words, count, this.seed ^ charset);
    return this.cache.find(hash, words, sink.length, charset) ?? this.miss(hash, charset, set);
  }

  private miss(hash: number, charset: number, set: ClientCharset): Statement {
    const sink = this.pass.sink;
    const masked = maskedText(sink.bytes, sink.length, set);
    const digest = digestOf(masked);
    let interned = this.byDigest.get(digest);
    if (interned === undefined) interned = { statement: describeStatement(masked, digest, this.budget), places: 0 };
    const { statement } = interned;
    if (this.cache.keep(hash, sink.words, sink.length, charset, statement)) {
      interned.places++;
      this.byDigest.set(digest, interned);
    }
    return statement;
  }

  private release(statement: Statement): void {
    const interned = this.byDigest.get(statement.digest);
    if (interned !== undefined && --interned.places === 0) this.byDigest.delete(statement.digest);
  }
}

function hasHighByte(bytes: Uint8Array, start: number, end: number): boolean {
  let union = 0;
  for (let i = start; i < end; i++) union |= bytes[i]!;
  return union >= 0x80;
}
