import type { ParseOutcome, Statement } from '../../schemas/statement.ts';
import type { ParseBudget } from './parse-budget.ts';
import { grammarTables } from './sql-grammar.ts';
import { statementKind } from './statement-kind.ts';
import { tablesOf } from './statement-tables.ts';

/** Longer masked texts are not given to the grammar; this length takes it some 15 ms. */
export const LONGEST_PARSED = 16 * 1024;

/** Kind, tables and parse outcome of a masked text; once for each digest. */
export function describeStatement(masked: string, digest: string, budget: ParseBudget): Statement {
  const kind = statementKind(masked);
  const found = tablesOf(masked);
  if (masked.length > LONGEST_PARSED) return statement(digest, masked, kind, found, 'too_long');
  if (!budget.spend(masked.length)) return statement(digest, masked, kind, found, 'skipped');
  const parsed = grammarTables(masked);
  if (parsed === null) return statement(digest, masked, kind, found, 'failed');
  return statement(digest, masked, kind, agreed(found, parsed), 'parsed');
}

/** Names that both know, in their order of appearance; what the search alone knows if the grammar lists no table at all. */
function agreed(found: readonly string[], parsed: readonly string[]): readonly string[] {
  if (parsed.length === 0) return found;
  const known = new Set(parsed.map(bare));
  const names = found.filter((name) => known.has(bare(name)));
  return names.length === 0 ? found : names;
}

/** The grammar doubles no quotes and keeps some; names compare without any. */
function bare(name: string): string {
  return name.replaceAll('`', '').toLowerCase();
}

function statement(
  digest: string,
  masked: string,
  kind: string,
  tables: readonly string[],
  parse: ParseOutcome,
): Statement {
  return Object.freeze({ digest, masked, kind, tables: Object.freeze([...tables]), parse });
}
