import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { NamedColumn } from './column-watch.ts';
import { type DropRule, isDropped } from './policy-drop.ts';
import { type TokenKey, TokenMaker } from './policy-token.ts';

/** What `maskingPolicySchema` asks for, its key files read. */
export interface MaskingPolicyOptions {
  readonly keep: readonly ('limits' | 'numbers' | 'constants')[];
  /** Undefined: no tokens are made. `keys` holds one at least. */
  readonly tokens?:
    | {
        readonly strings: 'columns' | 'all';
        /** `table.column` or `*.column`. */
        readonly columns: readonly string[];
        readonly keys: readonly TokenKey[];
      }
    | undefined;
  readonly drop: readonly DropRule[];
}

/** Decides which literals are shown or become tokens, and which events are dropped. Without state. */
export class MaskingPolicy {
  readonly keepsLimits: boolean;
  readonly keepsNumbers: boolean;
  readonly keepsConstants: boolean;
  /** Every string becomes a token. */
  readonly tokensForStrings: boolean;
  readonly tokens: TokenMaker | null;
  private readonly columns: ReadonlySet<string>;
  private readonly drop: readonly DropRule[];

  constructor({ keep, tokens, drop }: MaskingPolicyOptions) {
    this.keepsNumbers = keep.includes('numbers');
    this.keepsLimits = this.keepsNumbers || keep.includes('limits');
    this.keepsConstants = keep.includes('constants');
    this.tokens = tokens === undefined ? null : new TokenMaker(tokens.keys);
    this.tokensForStrings = tokens?.strings === 'all';
    this.columns = new Set(tokens?.columns.map((column) => column.toLowerCase()));
    this.drop = drop;
  }

  /** Whether any literal may look otherwise than `?`. */
  get showsLiterals(): boolean {
    return this.keepsLimits || this.keepsConstants || this.tokens !== null;
  }

  get needsColumns(): boolean {
    return this.tokens !== null && this.columns.size > 0;
  }

  /** @param only The one table of the statement, without its database, in lower case; null where there are others. */
  hasTokensFor({ table, column }: NamedColumn, only: string | null): boolean {
    if (this.columns.has(`*.${column}`)) return true;
    return (
      (table !== null && this.columns.has(`${table}.${column}`)) ||
      (only !== null && this.columns.has(`${only}.${column}`))
    );
  }

  /** @param event With its statement. */
  drops(event: AuditEvent): boolean {
    return this.drop.length > 0 && isDropped(this.drop, event);
  }
}
