/** How far the grammar parser came with a statement: a recorded fact, never an error. */
export type ParseOutcome = 'parsed' | 'failed' | 'too_long' | 'skipped';

/** Everything known of a masked statement text. One object per digest, shared by all events with it; immutable. */
export interface Statement {
  /** 32 lower-case hex digits: the first 128 bits of SHA-256 over the normalised text, the same on every machine. */
  readonly digest: string;
  /** The text with every literal as `?`, lists collapsed, comments dropped, otherwise as its author wrote it. */
  readonly masked: string;
  /** Lower-case verb: select, insert, update, delete, replace, call, set, begin, commit, create_table … ; `other` when unknown. */
  readonly kind: string;
  /** `db.table` or `table`, in order of appearance, without repeats. */
  readonly tables: readonly string[];
  readonly parse: ParseOutcome;
}
