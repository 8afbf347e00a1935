import { createRequire } from 'node:module';
import { MaskedTokens } from './masked-tokens.ts';

interface GrammarParser {
  parse(sql: string, options: { database: string }): { tableList: readonly string[] };
}

let parser: GrammarParser | null = null;

/** Loaded on first use: it costs some 30 ms and 40 MB, which a process that masks nothing need not pay. */
function grammar(): GrammarParser {
  if (parser === null) {
    const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/mysql') as {
      Parser: new () => GrammarParser;
    };
    parser = new Parser();
  }
  return parser;
}

/**
 * Reads a masked statement with a full grammar.
 * @returns Its tables as `db.table` or `table`, in no particular order and with names bound by WITH; null where the
 * grammar does not take it.
 */
export function grammarTables(masked: string): readonly string[] | null {
  try {
    const { tableList } = grammar().parse(grammarForm(masked), { database: 'MySQL' });
    const names = new Set<string>();
    for (const entry of tableList) {
      const [, schema, table] = entry.split('::');
      if (table === undefined || table === 'null' || table === '') continue;
      names.add(schema === undefined || schema === 'null' || schema === '' ? table : `${schema}.${table}`);
    }
    return [...names];
  } catch {
    // Whatever the grammar throws (syntax, stack depth) means the same: it did not take the statement.
    return null;
  }
}

/**
 * A masked text as the grammar knows it: folded lists as one element, what versioned comments hold as part of the
 * statement, hints left out. The column list of INSERT goes too: the grammar would count it against the folded row.
 */
function grammarForm(masked: string): string {
  const tokens = new MaskedTokens(masked);
  const parts: string[] = [];
  let isHint = false;
  let isInsert = false;
  let columnsFrom = -1;
  let depth = 0;
  let wasMark = false;
  let wasRow = false;
  for (tokens.next(); tokens.kind !== 'end'; tokens.next()) {
    const value = tokens.value;
    if (tokens.kind === 'open') isHint = value.startsWith('/*+');
    else if (tokens.kind === 'close') isHint = false;
    if (isHint || tokens.kind === 'open' || tokens.kind === 'close') continue;
    const isFold = value === '+' && (wasMark || wasRow) && foldsBefore(tokens);
    wasMark = tokens.kind === 'mark';
    wasRow = value === ')';
    if (isFold) continue;
    const word = tokens.kind === 'word' ? value.toLowerCase() : '';
    if (parts.length === 0) isInsert = word === 'insert' || word === 'replace';
    if (value === '(' && depth++ === 0 && columnsFrom < 0) columnsFrom = parts.length;
    else if (value === ')') depth--;
    if (isInsert && depth === 0 && (word === 'values' || word === 'value' || word === 'select')) {
      if (columnsFrom >= 0) parts.splice(columnsFrom);
      isInsert = false;
    }
    parts.push(tokens.kind === 'mark' ? '1' : value);
  }
  while (parts.at(-1) === ';') parts.pop();
  return parts.join(' ');
}

/** Whether the `+` is a fold mark: nothing that could be its right operand follows. */
function foldsBefore(tokens: MaskedTokens): boolean {
  const { text, end } = tokens;
  const rest = /^\s*(?:[,);]|$|on\b|as\b)/iy;
  rest.lastIndex = 0;
  return rest.test(text.slice(end, end + 16));
}
