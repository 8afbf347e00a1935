// Hot path
import { type FoundFeatures, featureOf } from './found-features.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_PARAMETER, C_SYSTEM, C_VARIABLE, OPEN, SEMICOLON } from './token-codes.ts';
import { find, hasNoNames, isCall, isOf } from './token-reading.ts';
import { G, id, ids } from './words.ts';

const STACKED = featureOf('stacked_statement');
const STACKED_WRITE = featureOf('stacked_write');
const SEVERAL = featureOf('several_statements');
const NO_STATEMENT = featureOf('semicolon_without_statement');

const SELECT = id('select');
const FROM = id('from');
const FIRST_DML = ids('select insert update delete replace');
/** What no program sends behind a query of its own in one go. */
const OTHER_CLASS = ids(
  `drop truncate alter create grant revoke shutdown rename load prepare execute exec declare waitfor kill install uninstall handler
  reset purge change import stop`,
);
/** What changes something, behind a query that does not. */
const WRITES = ids('insert update delete replace call');
const BODIES = ids('procedure function trigger event view package');
const CREATES = ids('create alter');
const BEGINS = ids('begin declare');
/** What a program asks behind its own statement. */
const AFTERMATH = ids('found_rows last_insert_id row_count connection_id');

/** Further statements behind a semicolon that are of another kind than the first. */
export function findStacked(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  if (tokens.isFirst && CREATES.has(code[0]!) && hasBody(tokens)) return;
  if (tokens.isFirst && BEGINS.has(code[0]!)) return;
  let first = 0;
  while (code[first] === OPEN) first++;
  const isDml = !tokens.isFirst || FIRST_DML.has(code[first]!);
  const isIntoVariable = intoVariable(tokens);
  for (let at = find(tokens, SEMICOLON, 0, length); at >= 0; at = find(tokens, SEMICOLON, at + 1, length)) {
    let next = at + 1;
    while (next < length && (code[next] === SEMICOLON || code[next] === OPEN)) next++;
    if (next >= length) return;
    found.add(SEVERAL);
    if (!isDml) continue;
    if (OTHER_CLASS.has(code[next]!)) {
      if (!isTemporary(tokens, next) && !(OF_TEXTS.has(code[next]!) && isIntoVariable)) found.add(STACKED);
    } else if (code[first] === SELECT && WRITES.has(code[next]!)) found.add(STACKED_WRITE);
    else if (code[next] === SELECT) question(tokens, found, next);
    else if (!isOf(tokens, next, G.verb)) found.add(NO_STATEMENT);
    else if (code[next] === BEGIN && isOf(tokens, next + 1, G.foreign)) found.add(STACKED);
  }
}

const BEGIN = id('begin');
const INTO = id('into');
const OF_TEXTS = ids('prepare execute');
const TEMPORARY = id('temporary');
const TABLE = id('table');

/** `SELECT CONCAT(…) INTO @sql …; PREPARE s FROM @sql`: a script that writes its own statement. */
function intoVariable(tokens: TokenBuffer): boolean {
  for (let at = 0; at + 1 < tokens.length && tokens.code[at] !== SEMICOLON; at++)
    if (tokens.code[at] === INTO && tokens.code[at + 1] === C_VARIABLE) return true;
  return false;
}

/** `DROP TEMPORARY TABLE`, `CREATE TEMPORARY TABLE`: part of a report. */
function isTemporary(tokens: TokenBuffer, at: number): boolean {
  return tokens.code[at + 1] === TEMPORARY && tokens.code[at + 2] === TABLE;
}

function hasBody(tokens: TokenBuffer): boolean {
  const most = Math.min(tokens.length, 40);
  for (let at = 1; at < most; at++) if (BODIES.has(tokens.code[at]!)) return true;
  return false;
}

/** `; SELECT IF(65=65,SLEEP(1),3125)`: a query that reads no table and is no question about what came before. */
function question(tokens: TokenBuffer, found: FoundFeatures, select: number): void {
  const { code, length } = tokens;
  let end = find(tokens, SEMICOLON, select, length);
  if (end < 0) end = length;
  if (!hasNoNames(tokens, select, end) || find(tokens, C_PARAMETER, select, end) >= 0) return;
  let hasCall = false;
  for (let at = select + 1; at < end; at++) {
    if (AFTERMATH.has(code[at]!) || code[at] === C_SYSTEM) return;
    if (isCall(tokens, at) && code[at] !== SELECT) hasCall = true;
    if (code[at] === FROM) break;
  }
  if (hasCall) found.add(STACKED);
}
