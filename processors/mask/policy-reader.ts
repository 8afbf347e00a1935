import { IS_WORD } from './byte-classes.ts';
import type { ClientCharset } from './client-charset.ts';
import { ColumnWatch } from './column-watch.ts';
import { stringValue } from './literal-value.ts';
import type { MaskingPolicy } from './masking-policy.ts';
import { T_NUMBER, T_PARAMETER, T_PUNCT, T_STRING, T_WORD } from './token-kinds.ts';

/** Longer strings have no token. */
const LONGEST_VALUE = 4096;
const QUOTES = [0x22, 0x27];
const SEMICOLON = 0x3b;

/** Reads one statement by a policy, token by token: what stands in place of each literal. */
export class PolicyReader {
  private readonly policy: MaskingPolicy;
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly set: ClientCharset;
  private readonly escapes: boolean;
  private readonly only: string | null;
  private readonly columns: ColumnWatch | null;
  /** The word LIMIT or OFFSET, or a comma after the number that followed it, came last. */
  private isLimit = false;
  private wasLimit = false;

  /** @param tables The statement's, as `Statement.tables`. */
  constructor(
    policy: MaskingPolicy,
    bytes: Uint8Array,
    end: number,
    set: ClientCharset,
    escapes: boolean,
    tables: readonly string[],
  ) {
    this.policy = policy;
    this.bytes = bytes;
    this.end = end;
    this.set = set;
    this.escapes = escapes;
    const table = tables.length === 1 ? tables[0]! : null;
    this.only = table === null ? null : table.slice(table.lastIndexOf('.') + 1).toLowerCase();
    this.columns = policy.needsColumns ? new ColumnWatch() : null;
  }

  get keepsConstants(): boolean {
    return this.policy.keepsConstants;
  }

  /** Told of every token that no `literal` was asked for. */
  sees(kind: number, from: number, to: number): void {
    const text = kind === T_STRING || kind === T_NUMBER || kind === T_PARAMETER ? '?' : this.text(from, to);
    this.columns?.sees(kind, text);
    this.isLimit =
      (kind === T_WORD && /^(limit|offset)$/i.test(text)) || (this.wasLimit && kind === T_PUNCT && text === ',');
    this.wasLimit = false;
  }

  /**
   * @param isBare No introducer stands before the literal.
   * @param isSecret The statement may set credentials: no tokens of these.
   * @returns What to write in its place; null for `?`.
   */
  literal(kind: number, from: number, to: number, isBare: boolean, isSecret: boolean): string | null {
    const shown = isBare ? this.shown(kind, from, to, isSecret) : null;
    const isLimit = this.isLimit;
    this.sees(kind, from, to);
    this.wasLimit = isLimit;
    return shown;
  }

  private shown(kind: number, from: number, to: number, isSecret: boolean): string | null {
    const { policy, bytes } = this;
    const { tokens } = policy;
    if (kind === T_PARAMETER) {
      const text = this.text(from, to);
      return to - from > 1 && tokens?.isOwn(text) === true ? text : null;
    }
    const isDecimal = kind === T_NUMBER && /^[0-9.]+(e[+-]?[0-9]+)?$/i.test(this.text(from, to));
    if (isDecimal && (policy.keepsNumbers || (policy.keepsLimits && this.isLimit))) return this.text(from, to);
    if (tokens === null || isSecret || to - from > LONGEST_VALUE || !this.isWhole(to)) return null;
    const isString =
      kind === T_STRING && QUOTES.includes(bytes[from]!) && to - from > 1 && bytes[to - 1] === bytes[from];
    if (!isString && !isDecimal) return null;
    const column = this.columns?.column ?? null;
    const isWanted =
      (isString && policy.tokensForStrings) || (column !== null && policy.hasTokensFor(column, this.only));
    if (!isWanted) return null;
    const value = isString ? stringValue(bytes, from, to, this.escapes, this.set) : this.text(from, to);
    return value === null ? null : tokens.tokenOf(value);
  }

  /** Whether the literal that ends at `to` is the whole value: no string, operator or COLLATE follows. */
  private isWhole(to: number): boolean {
    let at = to;
    while (at < this.end && this.bytes[at]! <= 0x20) at++;
    if (at >= this.end) return true;
    const c = this.bytes[at]!;
    if (c === 0x2c || c === 0x29 || c === SEMICOLON) return true;
    if (IS_WORD[c] !== 1) return false;
    return /^(and|or|order|group|limit|for|where|on|having|union|as|when|then|else|end|returning)\b/i.test(
      this.text(at, Math.min(at + 12, this.end)),
    );
  }

  private text(from: number, to: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, to - from).toString();
  }
}
