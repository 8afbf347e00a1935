import type { ParseOutcome, Statement } from '../../schemas/statement.ts';
import type { ParseBudget } from './parse-budget.ts';
import { grammarTables } from './sql-grammar.ts';
import { statementKind } from './statement-kind.ts';
import { type FoundTables, MOST_TABLES, tablesOf } from './statement-tables.ts';

/** Longer masked texts are not given to the grammar; this length takes it 8 ms, and 56 ms at worst (`SELECT a,a,a,…`). */
const LONGEST_PARSED = 8 * 1024;

/** Kind, tables and parse outcome of a masked text; once for each digest. */
export function describeStatement(masked: string, digest: string, budget: ParseBudget): Statement {
  const kind = statementKind(masked);
  const found = tablesOf(masked);
  if (masked.length > LONGEST_PARSED) return statement(digest, masked, kind, found.names, 'too_long');
  if (!budget.spend(masked.length)) return statement(digest, masked, kind, found.names, 'skipped');
  const parsed = grammarTables(masked);
  if (parsed === null) return statement(digest, masked, kind, found.names, 'failed');
  return statement(digest, masked, kind, agreed(found, parsed), 'parsed');
}

/**
 * Names that both know in their order of appearance, then what the grammar alone knows. What the search alone knows if
 * the grammar lists no table at all (SHOW, CREATE INDEX).
 */
function agreed(found: FoundTables, parsed: readonly string[]): readonly string[] {
  if (parsed.length === 0) return found.names;
  const known = new Map(parsed.map((name) => [bare(name), name]));
  const names: string[] = [];
  for (const name of found.names) if (known.delete(bare(name))) names.push(name);
  for (const [key, name] of known) if (!found.bound.has(key)) names.push(name.replaceAll('`', ''));
  return names.slice(0, MOST_TABLES);
}

/** The grammar keeps some quotes; names compare without any. */
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
