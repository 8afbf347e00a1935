import { SqltrailError } from '../../runtime/errors.ts';

/**
 * The parts of ClickHouse SQL that matter here: comments, strings (also `$tag$…$tag$`), words (also quoted as identifiers)
 * and single characters. An unclosed string or comment reaches to the end, as the engine would refuse it.
 */
const TOKEN =
  /\s+|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|(?<quoted>`(?:[^`\\]|\\[\s\S]|``)*(?:`|$)|"(?:[^"\\]|\\[\s\S]|"")*(?:"|$))|(?<word>\w+)|(?<mark>[\s\S])/g;

const READING = new Set(['select', 'with', 'from', 'show', 'describe', 'desc', 'explain', 'exists']);
/** Functions that read files of the machine. Table functions that reach outside are refused by the engine itself. */
const OUTSIDE = new Set(['file', 'catboostevaluate']);

/**
 * Refuses what an analyst's query may not do, before the engine sees it. The engine's own `readonly` mode refuses writing
 * and reaching outside by itself; this adds what it lets pass when embedded: a second statement, `INTO OUTFILE`, the
 * function `file()`, and DESCRIBE of a table function. A guard against mistakes; whoever can run it can read the files anyway.
 *
 * @returns The query without a closing semicolon.
 * @throws SqltrailError `query_invalid`
 */
export function readOnlySql(sql: string): string {
  const words: string[] = [];
  let end = sql.length;
  let closed = false;
  for (const match of sql.matchAll(TOKEN)) {
    const { quoted, word, mark } = match.groups ?? {};
    const isBlank = /^(?:\s|--|#[ !]|\/\*)/.test(match[0]);
    if (isBlank) continue;
    if (closed) throw refused('holds more than one statement', 'Run one statement at a time.');
    if (mark === ';') {
      closed = true;
      end = match.index;
    }
    words.push(word?.toLowerCase() ?? (quoted === undefined ? match[0] : quoted.slice(1, -1).toLowerCase()));
  }
  checkWords(words);
  return sql.slice(0, end);
}

function checkWords(words: readonly string[]): void {
  const first = words.find((word) => word !== '(');
  if (first === undefined || first === ';')
    throw refused('is empty', "Give a query, as in --sql 'SELECT count() FROM audit'.");
  if (!READING.has(first))
    throw refused(`does not start with a reading statement`, 'Use SELECT, WITH, SHOW, DESCRIBE, EXISTS or EXPLAIN.');
  const isDescribe = first === 'describe' || first === 'desc';
  for (let i = 0; i + 1 < words.length; i++) {
    const word = words[i]!;
    const next = words[i + 1]!;
    if (word === 'into' && next === 'outfile')
      throw refused('writes a file with INTO OUTFILE', 'Redirect the output of the command instead.');
    if (next === '(' && (OUTSIDE.has(word) || (isDescribe && i > 0)))
      throw refused(`reaches outside the store with ${word}()`, 'Query the tables of the store.');
  }
}

function refused(what: string, cure: string): SqltrailError {
  return new SqltrailError('query_invalid', `The query is refused: it ${what}.`, cure);
}
