// Hot path

import { isCredential } from './credential-names.ts';
import { type FoundFeatures, featureOf } from './found-features.ts';
import type { TokenBuffer } from './token-buffer.ts';
import {
  C_NAME,
  C_NUMBER,
  C_PARAMETER,
  C_STRING,
  C_VARIABLE,
  CLOSE,
  COMMA,
  DOT,
  OPEN,
  punct,
  SEMICOLON,
} from './token-codes.ts';
import { closeOf, hasNoNames, isAboutServer, isCall, isConstant, isHex, isOf, numberAt } from './token-reading.ts';
import { G, id, ids } from './words.ts';

const UNION_CONSTANTS = featureOf('union_constants');
const UNION_SYSTEM = featureOf('union_system');
const UNION_CATALOGUE = featureOf('union_catalogue');
const UNION_CONCAT = featureOf('union_concat');
const UNION_CREDENTIALS = featureOf('union_credentials');
const UNION_PADDING = featureOf('union_padding');

const UNION = id('union');
const SELECT = id('select');
const FROM = id('from');
const ALL = id('all');
const DISTINCT = id('distinct');
const AS = id('as');
const NULL = id('null');
const VALUES = id('values');
const TABLE = id('table');
const DUAL = id('dual');
const CATALOGUES = ids('information_schema performance_schema mysql sys');
const CONCATS = ids('concat concat_ws group_concat json_arrayagg json_objectagg');
const CHAR = id('char');
/** Words between SELECT and its list. */
const MODIFIERS = ids('all distinct high_priority straight_join sql_no_cache');
const STAR = punct('*');
const COLON = punct(':');
const EQUALS = punct('=');

/** A select list as far as a union is judged by it. */
interface List {
  items: number;
  numbers: number;
  /** Of these, how many are 0. */
  zeros: number;
  nulls: number;
  strings: number;
  hexes: number;
  parameters: number;
  names: number;
  aliases: number;
  /** Literals and NULL with a name of their own. */
  namedLiterals: number;
  asksServer: boolean;
  concats: boolean;
  chars: boolean;
  credentials: boolean;
  hasStar: boolean;
  hasFrom: boolean;
  /** The table that follows is a subselect. */
  isDerived: boolean;
  readsCatalogue: boolean;
}

const EMPTY: List = {
  items: 0,
  numbers: 0,
  zeros: 0,
  nulls: 0,
  strings: 0,
  hexes: 0,
  parameters: 0,
  names: 0,
  aliases: 0,
  namedLiterals: 0,
  asksServer: false,
  concats: false,
  chars: false,
  credentials: false,
  hasStar: false,
  hasFrom: false,
  isDerived: false,
  readsCatalogue: false,
};

const MOST_DEPTH = 64;
/** Where the SELECT before a union stands, by depth; -1 without one. Deeper ones are not told apart. */
const lefts = new Int32Array(MOST_DEPTH + 1);

/** Unions whose second part is no query of its own but a way to be shown something else. */
export function findUnions(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  let depth = 0;
  lefts[0] = -1;
  for (let at = 0; at < length; at++) {
    const now = code[at]!;
    if (now === OPEN) lefts[Math.min(++depth, MOST_DEPTH)] = -1;
    else if (now === CLOSE && depth > 0) {
      const inner = lefts[Math.min(depth--, MOST_DEPTH)]!;
      // `(SELECT …) UNION …`
      const outer = Math.min(depth, MOST_DEPTH);
      if (lefts[outer] === -1) lefts[outer] = inner;
    } else if (now === SEMICOLON) lefts[Math.min(depth, MOST_DEPTH)] = -1;
    else if (now === SELECT) lefts[Math.min(depth, MOST_DEPTH)] = at;
    else if (now === UNION) union(tokens, found, at, Math.min(depth, MOST_DEPTH));
  }
}

function union(tokens: TokenBuffer, found: FoundFeatures, at: number, depth: number): void {
  const { code } = tokens;
  const select = lefts[depth]!;
  const left = select < 0 ? EMPTY : readList(tokens, select + 1);
  if (!left.hasFrom) return;
  let from = at + 1;
  while (code[from] === ALL || code[from] === DISTINCT || code[from] === OPEN) from++;
  if (code[from] === VALUES || code[from] === TABLE) {
    found.add(code[from] === VALUES ? UNION_CONSTANTS : UNION_CATALOGUE);
    return;
  }
  if (code[from] !== SELECT) return;
  const right = readList(tokens, from + 1);
  judge(tokens, found, left, right);
  if (right.hasStar && right.isDerived) derived(tokens, found, from + 1);
}

/** `UNION SELECT * FROM (SELECT 1)a JOIN (SELECT 2)b`: literals that need no comma. */
function derived(tokens: TokenBuffer, found: FoundFeatures, from: number): void {
  const { code } = tokens;
  const open = from + 2;
  if (code[open] !== OPEN || code[open + 1] !== SELECT) return;
  const inner = readList(tokens, open + 2);
  if (inner.names === 0 && !inner.hasFrom && inner.items > 0) found.add(UNION_CONSTANTS);
}

function judge(tokens: TokenBuffer, found: FoundFeatures, left: List, right: List): void {
  tokens.hasLooked = true;
  const literals = right.numbers + right.nulls + right.hexes;
  if (right.names === 0 && right.parameters === 0 && right.items > 0) {
    // `UNION SELECT 0, 'All'` fills a list of choices, `'none', 0, 0` a report: a word of its own, and no filler.
    const isChoice =
      right.strings > 0 &&
      right.nulls === 0 &&
      right.hexes === 0 &&
      !right.asksServer &&
      !right.concats &&
      right.numbers <= Math.max(1, right.zeros);
    const isFiller = literals > 0 || right.asksServer || right.concats;
    if (!isChoice && isFiller && !right.isDerived) found.add(UNION_CONSTANTS);
  }
  if (right.credentials && !left.credentials) found.add(UNION_CREDENTIALS);
  if (right.asksServer && !left.asksServer) found.add(UNION_SYSTEM);
  if (right.readsCatalogue && !left.readsCatalogue) found.add(UNION_CATALOGUE);
  if (right.concats && (literals > 0 || right.chars) && !left.concats) found.add(UNION_CONCAT);
  if (
    literals >= left.numbers + left.nulls + left.namedLiterals + 2 &&
    right.numbers >= 2 &&
    !right.isDerived &&
    right.aliases === 0 &&
    right.strings === 0
  )
    found.add(UNION_PADDING);
}

/** Reads the select list that begins at `from`, and whether a table follows. */
function readList(tokens: TokenBuffer, from: number): List {
  const { code, length } = tokens;
  const list: List = { ...EMPTY };
  let at = from;
  while (MODIFIERS.has(code[at]!)) at++;
  let itemFrom = at;
  const item = (to: number): void => {
    if (to === itemFrom) return;
    list.items++;
    let inFrom = itemFrom;
    let inTo = to;
    while (code[inFrom] === OPEN && code[inTo - 1] === CLOSE && inTo - inFrom > 2) {
      inFrom++;
      inTo--;
    }
    const first = code[inFrom];
    const isAlone = inTo === inFrom + 1;
    if (isAlone && first === C_NUMBER) {
      if (isHex(tokens, inFrom)) list.hexes++;
      else {
        list.numbers++;
        if (numberAt(tokens, inFrom) === 0) list.zeros++;
      }
    } else if (isAlone && first === C_STRING) list.strings++;
    else if (isAlone && first === NULL) list.nulls++;
    else if (isAlone && first === C_PARAMETER) list.parameters++;
    else if (isAlone && first === STAR) list.hasStar = true;
    const isAliased = code[to - 2] === AS || (to - itemFrom === 2 && code[to - 1] === C_NAME);
    if (isAliased) {
      list.aliases++;
      if (isConstant(tokens, itemFrom)) list.namedLiterals++;
    }
    const end = !isAliased ? to : code[to - 2] === AS ? to - 2 : to - 1;
    const isAssigned = first === C_VARIABLE && code[inFrom + 1] === COLON && code[inFrom + 2] === EQUALS;
    if (isAssigned && hasNoNames(tokens, inFrom + 3, end)) list.numbers++;
    else if (!hasNoNames(tokens, itemFrom, end) || (isAlone && first === STAR)) list.names++;
  };
  const most = Math.min(length, from + 4000);
  for (; at < most; at++) {
    const now = code[at]!;
    if (now === OPEN) {
      const close = Math.min(closeOf(tokens, at), most);
      inner(tokens, list, at + 1, Math.min(close, at + 300));
      at = close;
    } else if (now === COMMA) {
      item(at);
      itemFrom = at + 1;
    } else if (now === CLOSE || now === SEMICOLON || now === FROM || now === UNION || isEnd(tokens, at)) break;
    else look(tokens, list, at);
  }
  item(Math.min(at, length));
  if (code[at] === FROM && code[at + 1] !== DUAL) {
    list.hasFrom = true;
    list.isDerived = code[at + 1] === OPEN;
    list.readsCatalogue = readsCatalogue(tokens, at + 1);
  }
  return list;
}

const ENDS = ids('where group having order limit into for procedure intersect except');

function isEnd(tokens: TokenBuffer, at: number): boolean {
  return ENDS.has(tokens.code[at]!);
}

function inner(tokens: TokenBuffer, list: List, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    look(tokens, list, at);
    if (isHex(tokens, at)) list.hexes++;
    if (CATALOGUES.has(tokens.code[at]!) && tokens.code[at + 1] === DOT) list.readsCatalogue = true;
  }
}

function look(tokens: TokenBuffer, list: List, at: number): void {
  if (isCredential(tokens, at)) list.credentials = true;
  if (isAboutServer(tokens, at)) list.asksServer = true;
  if (tokens.code[at] === CHAR && isCall(tokens, at)) list.chars = true;
  if (CONCATS.has(tokens.code[at]!) && isCall(tokens, at)) list.concats = true;
  else if (isOf(tokens, at, G.join_text) && isCall(tokens, at) && isHex(tokens, at + 2)) list.concats = true;
}

function readsCatalogue(tokens: TokenBuffer, from: number): boolean {
  const { code } = tokens;
  const most = Math.min(tokens.length, from + 40);
  for (let at = from; at < most; at++) {
    if (CATALOGUES.has(code[at]!) && code[at + 1] === DOT) return true;
    if (code[at] === UNION || code[at] === CLOSE || code[at] === SEMICOLON || isEnd(tokens, at)) return false;
  }
  return false;
}
