import { type FoundFeatures, featureOf } from './found-features.ts';
import { joinedText } from './literal-text.ts';
import { eachStatement } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_VARIABLE, COMMA, punct } from './token-codes.ts';
import { find, hasNoNames, isHex } from './token-reading.ts';
import { id } from './words.ts';

const PREPARE_TEXT = featureOf('prepare_from_text');
const PREPARE_VARIABLE = featureOf('prepare_from_variable');
const HEX_SQL = featureOf('hex_sql');

const PREPARE = id('prepare');
const EXECUTE = id('execute');
const IMMEDIATE = id('immediate');
const FROM = id('from');
const CHAR = id('char');
const SET = id('set');
const IF = id('if');
const CASE = id('case');
const EQUALS = punct('=');

/** A part of a statement, which only matters where it is written so that nobody can read it. */
const HOLDS_SQL = /\b(?:select|union|insert\s+into|outfile|dumpfile|drop\s+table|delete\s+from|where)[\s(*'"]/i;

/** Texts of one statement that are looked into. */
const MOST_TEXTS = 8;
const LOOKS_LIKE_SQL =
  /^[\s(]*(?:select|insert|update|delete|replace|drop|create|alter|truncate|grant|revoke|call|set|load|rename|with|do|show|shutdown|exec|union|install|handler)\b/i;

/**
 * SQL that is given as text: PREPARE … FROM, EXECUTE IMMEDIATE, and what SET puts into variables that these may take it from. Hidden
 * in hexadecimal or put together from pieces, it is found just the same.
 *
 * @param look Is given each text, one character per byte, and whether it is all of the statement and no choice of several.
 */
export function findDynamicSql(
  tokens: TokenBuffer,
  found: FoundFeatures,
  look: (text: string, isWhole: boolean) => void,
): void {
  let texts = 0;
  const { code } = tokens;
  const give = (from: number, to: number): void => {
    if (texts >= MOST_TEXTS) return;
    const text = joinedText(tokens, from, to);
    const begins = LOOKS_LIKE_SQL.test(text);
    if (!begins && !HOLDS_SQL.test(text)) return;
    if (findHex(tokens, from, to) >= 0 || find(tokens, CHAR, from, to) >= 0) found.add(HEX_SQL);
    if (!begins) return;
    texts++;
    look(text, code[from] !== IF && code[from] !== CASE && hasNoNames(tokens, from, to));
  };
  eachStatement(tokens, (from, to) => {
    if (code[from] === PREPARE) {
      const source = find(tokens, FROM, from, to);
      if (source < 0) return;
      if (code[source + 1] === C_VARIABLE) found.add(PREPARE_VARIABLE);
      else found.add(PREPARE_TEXT);
      give(source + 1, to);
    } else if (code[from] === EXECUTE && code[from + 1] === IMMEDIATE) {
      found.add(code[from + 2] === C_VARIABLE ? PREPARE_VARIABLE : PREPARE_TEXT);
      give(from + 2, to);
    } else if (code[from] === SET) {
      for (let at = from + 1; at < to; at++) {
        if (code[at] !== C_VARIABLE) continue;
        let value = at + 1;
        while (value < to && (code[value] === EQUALS || code[value] === punct(':'))) value++;
        let end = value;
        let depth = 0;
        for (; end < to && (depth > 0 || code[end] !== COMMA); end++)
          depth += code[end] === punct('(') ? 1 : code[end] === punct(')') ? -1 : 0;
        give(value, end);
        at = end;
      }
    }
  });
}

function findHex(tokens: TokenBuffer, from: number, to: number): number {
  const end = Math.min(to, from + 256);
  for (let at = from; at < end; at++) if (isHex(tokens, at)) return at;
  return -1;
}
