// Hot path
import { choice, concat, foreign, isCharBuilding, repeats } from './built-text.ts';
import { type FoundFeatures, featureOf } from './found-features.ts';
import { literalText } from './literal-text.ts';
import type { TokenBuffer } from './token-buffer.ts';
import {
  C_NAME,
  C_NUMBER,
  C_PARAMETER,
  C_STRING,
  C_SYSTEM,
  CLOSE,
  COMMA,
  DOT,
  OPEN,
  punct,
  SEMICOLON,
} from './token-codes.ts';
import {
  closeOf,
  find,
  hasNoNames,
  insideOf,
  isCall,
  isComparison,
  isHex,
  isLiteral,
  isOf,
  numberAt,
} from './token-reading.ts';
import { FIRST_FREE_CODE, G, id, ids } from './words.ts';

const TIME_IN_CONDITION = featureOf('time_in_condition');
const BENCHMARK_CALL = featureOf('benchmark_call');
const ERROR_FUNCTION = featureOf('error_function');
const BLIND_PROBE = featureOf('blind_probe');
const CHAR_BUILDING = featureOf('char_building');
const HUGE_REPEAT = featureOf('huge_repeat');
const FILE_READ = featureOf('load_file');
const COMMAND_CALL = featureOf('command_function');

const SELECT = id('select');
const FROM = id('from');
const WHERE = id('where');
const LIMIT = id('limit');
const LIKES = ids('like rlike regexp');
const DO = id('do');
const COUNT = id('count');
const RAND = id('rand');
const FLOOR = id('floor');
const EXP = id('exp');
const POW = ids('pow cot');
const SLOW = ids('sleep benchmark pg_sleep');
const BENCHMARK = id('benchmark');
const POLYGONS = ids('polygon multipoint multilinestring multipolygon geometrycollection linestring');
const XPATH = ids('extractvalue updatexml');
const GTID = ids(
  'gtid_subset gtid_subtract uuid_to_bin json_keys st_latfromgeohash st_longfromgeohash st_pointfromgeohash',
);
const NAME_CONST = id('name_const');
const CHARS = ids('char chr');
const CONCATS = ids('concat concat_ws');
const CHOICES = ids('elt make_set');
const REPEATS = ids('repeat rpad lpad space');
const LOAD_FILE = id('load_file');
const COMMANDS = ids('sys_exec sys_eval sys_get sys_set sys_bineval lib_mysqludf_sys_info');
const CREATE = id('create');
const TILDE = punct('~');
const STAR = punct('*');

/** Functions by which a question is asked through time, errors or one bit, and those that hide or fetch what they say. */
export function findCalls(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  let chars = 0;
  for (let at = 0; at < length; at++) {
    if (code[at] === C_NAME || code[at]! >= FIRST_FREE_CODE) {
      bareComparison(tokens, found, at);
      continue;
    }
    const word = code[at]!;
    if (isOf(tokens, at, G.foreign)) foreign(tokens, found, at);
    if (!isCall(tokens, at) || code[at - 1] === DOT) continue;
    if (isOf(tokens, at, G.time)) time(tokens, found, at);
    else if (CHARS.has(word)) chars += isCharBuilding(tokens, at);
    else if (word === LOAD_FILE) found.add(FILE_READ);
    else if (COMMANDS.has(word)) found.add(COMMAND_CALL);
    else if (REPEATS.has(word) && repeats(tokens, at) >= 10_000_000) found.add(HUGE_REPEAT);
    if (isOf(tokens, at, G.error) || word === FLOOR || word === RAND) error(tokens, found, at);
    if (isOf(tokens, at, G.part | G.join_text | G.info)) probe(tokens, found, at);
    if (CONCATS.has(word)) concat(tokens, found, at);
    if (CHOICES.has(word)) choice(tokens, found, at);
  }
  if (chars >= 2) found.add(CHAR_BUILDING);
}

/** SLEEP and its like anywhere but as the plain business of a statement: `SELECT SLEEP(5)`, `DO SLEEP(5)`. */
function time(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  const close = closeOf(tokens, at + 1);
  if (code[at] === BENCHMARK && numberAt(tokens, at + 2) >= 100_000_000) found.add(BENCHMARK_CALL);
  if (tokens.isFirst && code[0] === CREATE) return;
  if (isPlainWait(tokens, at) && !insideOf(tokens, at + 2, close).hasSelect) return;
  if (SLOW.has(code[at]!)) found.add(TIME_IN_CONDITION);
  // Locks and waits are ordinary in a select list; in a condition behind AND or OR, or in IF, they are not.
  else if (tokens.hasTable && isConnected(tokens, at)) found.add(TIME_IN_CONDITION);
}

/** Whether the call is a whole item of a select list, or of DO, of a short statement that reads no table. */
function isPlainWait(tokens: TokenBuffer, at: number): boolean {
  const { code, length } = tokens;
  let from = at;
  while (from > 0 && at - from < 40 && code[from - 1] !== SEMICOLON) from--;
  if (code[from] !== SELECT && code[from] !== DO) return false;
  for (let i = from + 1; i < at; i++) if (code[i] === OPEN && closeOf(tokens, i) > at) return false;
  const before = code[at - 1];
  if (before !== SELECT && before !== DO && before !== COMMA) return false;
  for (let i = from; i < Math.min(length, from + 40) && code[i] !== SEMICOLON; i++)
    if (code[i] === FROM || code[i] === WHERE) return false;
  return from === 0 || code[0] === code[from];
}

const CONNECTORS: ReadonlySet<number> = new Set([
  ...ids('and or xor rlike not then else when'),
  punct('!'),
  OPEN,
  COMMA,
  punct('-'),
]);

function isConnected(tokens: TokenBuffer, at: number): boolean {
  return CONNECTORS.has(tokens.code[at - 1] ?? SELECT);
}

/** Functions whose error message shows their argument, given something to show. */
function error(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  const word = code[at]!;
  const close = closeOf(tokens, at + 1);
  if (word === EXP || POW.has(word)) {
    const tilde = find(tokens, TILDE, at + 2, Math.min(close, at + 8));
    if (tilde >= 0 || (close > at + 3 && insideOf(tokens, at + 2, close).hasSelect)) found.add(ERROR_FUNCTION);
    return;
  }
  if (word === RAND || word === FLOOR) {
    if (isOf(tokens, at, -1)) tokens.hasLooked = true;
    // FLOOR(RAND(0)*2) beside COUNT(*) and GROUP BY: duplicate key.
    const seeded = word === FLOOR && code[at + 2] === RAND && code[at + 4] === C_NUMBER && code[at + 6] === STAR;
    const multiplied = word === RAND && code[at + 2] === C_NUMBER && code[at + 4] === STAR && code[at - 1] !== OPEN;
    if ((seeded || multiplied) && find(tokens, COUNT, Math.max(0, at - 200), Math.min(tokens.length, at + 200)) >= 0)
      found.add(ERROR_FUNCTION);
    return;
  }
  const inside = insideOf(tokens, at + 2, close);
  if (XPATH.has(word)) {
    const joins = inside.joinsText && !isPath(tokens, at + 2, close);
    if (inside.hasSelect || inside.asksServer || joins || hasHex(tokens, at + 2, close)) found.add(ERROR_FUNCTION);
  } else if (GTID.has(word)) {
    if (inside.hasSelect || inside.asksServer || (inside.joinsText && hasHexOrCall(tokens, at + 2, close)))
      found.add(ERROR_FUNCTION);
  } else if (POLYGONS.has(word)) {
    if (inside.hasSelect || inside.asksServer) found.add(ERROR_FUNCTION);
  } else if (word === NAME_CONST) {
    if (inside.hasSelect || inside.asksServer || inside.joinsText) found.add(ERROR_FUNCTION);
  }
}

/** `EXTRACTVALUE(doc, CONCAT('/a/', kind))`: a column, and a path as it should be. */
function isPath(tokens: TokenBuffer, from: number, to: number): boolean {
  const text = find(tokens, C_STRING, from, to);
  return text > 0 && tokens.code[from] === C_NAME && literalText(tokens, text, 64).startsWith('/');
}

function hasHex(tokens: TokenBuffer, from: number, to: number): boolean {
  const end = Math.min(to, from + 100);
  for (let at = from; at < end; at++) if (isHex(tokens, at)) return true;
  return false;
}

function hasHexOrCall(tokens: TokenBuffer, from: number, to: number): boolean {
  return hasHex(tokens, from, to) || hasNoNames(tokens, from, Math.min(to, tokens.length));
}

/** `ORD(MID((SELECT …),1,1))>64`: a part of what a subselect or the server says, compared with a constant. */
function probe(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  // Bodies of views and routines compare all day.
  if (!tokens.hasTable || (tokens.isFirst && tokens.code[0] === CREATE)) return;
  const close = closeOf(tokens, at + 1);
  let next = close + 1;
  while (code[next] === CLOSE && next < close + 4) next++;
  const after = code[next];
  const before = code[at - 1];
  const isCompared = isComparison(after) || after === NOT || isComparison(before) || before === BINARY;
  if (!isCompared) return;
  // What it is compared with must be no column.
  const isInfo = isOf(tokens, at, G.info);
  if (isInfo && code[at + 2] !== CLOSE) return;
  const inside = insideOf(tokens, at + 2, close);
  // `owner = SUBSTRING_INDEX(USER(), '@', 1)` compares with a column.
  const isWithName = !isComparison(after) && after !== NOT && code[at - 2] !== C_NUMBER && code[at - 2] !== C_STRING;
  if (isOf(tokens, at, G.part) && (inside.hasSelect || (inside.asksServer && !isWithName))) found.add(BLIND_PROBE);
  else if (
    isOf(tokens, at, G.part) &&
    hasPart(tokens, at + 2, close) &&
    hasNoNames(tokens, at, Math.min(close, tokens.length))
  )
    found.add(BLIND_PROBE);
}

const NOT = id('not');
const BINARY = id('binary');

function hasPart(tokens: TokenBuffer, from: number, to: number): boolean {
  const end = Math.min(to, from + 100);
  for (let at = from; at < end; at++) if (isOf(tokens, at, G.part) && isCall(tokens, at)) return true;
  return false;
}

/** `(SELECT … FROM information_schema…)='x'`, `@@version LIKE '5%'`. */
function bareComparison(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  if (code[at] === C_SYSTEM && CONNECTORS.has(code[at - 1]!) && LIKES.has(code[at + 2]!) && tokens.hasTable)
    found.add(BLIND_PROBE);
  if (code[at] !== OPEN || code[at + 1] !== SELECT) return;
  const close = closeOf(tokens, at);
  if (close >= tokens.length - 1 || close - at > 400) return;
  let after = close + 1;
  while (code[after] === CLOSE) after++;
  const operator = code[after];
  if (!isComparison(operator) && operator !== NOT) return;
  let value = after + 1;
  while (value < tokens.length && (isComparison(code[value]) || code[value] === OPEN || code[value] === BINARY))
    value++;
  if (!isLiteral(tokens, value)) return;
  // Which kind of literal it is does not show in the masked text.
  tokens.hasLooked = true;
  if (code[value] === C_PARAMETER) return;
  // One row of a table, compared with a text: a question about what stands in it.
  const isRow = code[value] === C_STRING && find(tokens, LIMIT, at, close) > 0 && find(tokens, WHERE, at, close) < 0;
  if (isRow || (isHex(tokens, value) && code[after] !== COMMA)) found.add(BLIND_PROBE);
}
