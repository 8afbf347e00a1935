import { SqltrailError } from '../../runtime/errors.ts';

/**
 * The parts of ClickHouse SQL that matter here, as its lexer tells them apart: blanks, comments, strings (also `$tag$…$tag$`
 * where it is closed, else `$` is a letter), words (also quoted as identifiers) and single characters. An unclosed string or
 * comment reaches to the end, as the engine would refuse it.
 */
const TOKEN =
  /(?<blank>[ \t\n\v\f\r]+|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?(?:\*\/|$))|'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|\$(\w*)\$[\s\S]*?\$\2\$|(?<quoted>`(?:[^`\\]|\\[\s\S]|``)*(?:`|$)|"(?:[^"\\]|\\[\s\S]|"")*(?:"|$))|(?<word>[A-Za-z_$][\w$]*|\d\w*)|(?<mark>[\s\S])/gu;

const READING = new Set(['select', 'with', 'from', 'show', 'describe', 'desc', 'explain', 'exists']);
/** Functions that read files of the machine. Table functions that reach outside are refused by the engine itself. */
const OUTSIDE = new Set(['file', 'catboostevaluate']);

/**
 * Refuses what an analyst's query may not do, before the engine sees it. The engine's own `readonly` mode refuses writing
 * and reaching outside by itself; this adds what it lets pass when embedded: a second statement, `INTO OUTFILE`, the
 * function `file()`, and DESCRIBE of a table function. INSERT outside parentheses and the setting `readonly` are refused
 * although the engine does so too. Outside strings, quoted identifiers and comments only ASCII may stand, because the engine
 * takes some other characters for blanks and quotes. A guard against mistakes; whoever can run it can read the files anyway.
 *
 * @returns The query without a closing semicolon.
 * @throws SqltrailError `query_invalid`
 */
export function readOnlySql(sql: string): string {
  const words: string[] = [];
  let end = sql.length;
  let closed = false;
  for (const match of sql.matchAll(TOKEN)) {
    const { blank, quoted, word, mark } = match.groups ?? {};
    if (blank !== undefined) continue;
    if (mark !== undefined && mark > '\x7f')
      throw refused(`has the character ${codePoint(mark)} outside quotes`, 'Write it in ASCII, or quote the name.');
    if (quoted?.includes('\\'))
      throw refused('has a backslash in a quoted identifier', 'Write the name without escapes.');
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
  let depth = 0;
  for (const [i, word] of words.entries()) {
    const next = words[i + 1];
    if (word === '(') depth++;
    if (word === ')') depth--;
    if (word === 'insert' && depth <= 0) throw refused('holds an INSERT', 'Only read the tables of the store.');
    if (word === 'readonly') throw refused('names the setting readonly', 'Leave it out: a query here only reads.');
    if (word === 'into' && next === 'outfile')
      throw refused('writes a file with INTO OUTFILE', 'Redirect the output of the command instead.');
    if (next === '(' && (OUTSIDE.has(word) || (isDescribe && i > 0)))
      throw refused(`reaches outside the store with ${word}()`, 'Query the tables of the store.');
  }
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function refused(what: string, cure: string): SqltrailError {
  return new SqltrailError('query_invalid', `The query is refused: it ${what}.`, cure);
}
