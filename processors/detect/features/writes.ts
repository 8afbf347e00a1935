import { type FoundFeatures, featureOf } from './found-features.ts';
import { joinedText, literalText } from './literal-text.ts';
import { EXECUTABLE, WEB_ROOT } from './settings.ts';
import { eachStatement, findOutside, nameAt } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NAME, C_STRING, COMMA, OPEN, punct } from './token-codes.ts';
import { closeOf, find, isCall, isHex } from './token-reading.ts';
import { id, ids } from './words.ts';

const UNBOUNDED_DELETE = featureOf('unbounded_delete');
const UNBOUNDED_UPDATE = featureOf('unbounded_update');
const MASS_ENCRYPT = featureOf('mass_encrypt');
const RANSOM_NOTE = featureOf('ransom_note');
const RANSOM_TABLE = featureOf('ransom_table');
const OUTFILE = featureOf('writes_file');
const OUTFILE_CODE = featureOf('writes_executable');
const UNC_PATH = featureOf('unc_path');
const SENSITIVE_FILE = featureOf('sensitive_file');
const LOAD_DATA = featureOf('load_data');
const LOAD_LOCAL = featureOf('load_data_local');

const DELETE = id('delete');
const UPDATE = id('update');
const INSERT = id('insert');
const REPLACE = id('replace');
const CREATE = id('create');
const LOAD = id('load');
const LOCAL = id('local');
const WHERE = id('where');
const LIMIT = id('limit');
const JOIN = id('join');
const SET = id('set');
const INTO = id('into');
const FILES = ids('outfile dumpfile');
const INFILE = id('infile');
const LOAD_FILE = id('load_file');
const DATABASES = ids('database schema');
const TABLE = id('table');
const CIPHERS = ids('aes_encrypt des_encrypt encrypt encode to_base64 compress hex reverse md5 sha1 sha2');
const EQUALS = punct('=');

const NOTE_NAME =
  /^(?:warning|readme|read_?me\w*|please_?read\w*|readme_\w*|\w*recover(?:y)?_?\w*(?:data|db|database|files?)?|ransom\w*|how_?to_?\w*|restore_?your\w*|your_?data\w*|hacked\w*|pwned\w*)$/i;
const NOTE_COLUMN = /bitcoin|btc|onion|wallet|ransom|monero/i;
const COIN_ADDRESS =
  /\b(?:bc1[ac-hj-np-z02-9]{20,70}|[13][a-km-zA-HJ-NP-Z1-9]{25,34}|0x[0-9a-f]{40}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{93})\b/;
const MONEY = /\b(?:btc|bitcoins?|monero|xmr|eth(?:ereum)?|\.onion|wallet|0\.\d+\s*(?:btc|bitcoin))\b|\.onion\b/i;
const DEMAND =
  /backed\s*up|recover|restore|lost\s+data|your\s+data|your\s+database|downloaded|encrypted|leak|delete|pay|send|contact/i;
const SENSITIVE_PATH =
  /\/etc\/|\.ssh|\.cnf|wp-config|\.env|id_rsa|\/proc\/|shadow|passwd|\.pem|\.key|my\.ini|web\.config|\\windows\\|\/root\//i;

/** Files that one statement names and that are looked at. */
const MOST_FILES = 16;

/** What takes data away, files in or out, or leaves a demand behind. */
export function findWrites(tokens: TokenBuffer, found: FoundFeatures): void {
  eachStatement(tokens, (from, to) => {
    switch (tokens.code[from]) {
      case DELETE:
      case UPDATE:
        unbounded(tokens, found, from, to);
        break;
      case INSERT:
      case REPLACE:
        note(tokens, found, from, to);
        break;
      case CREATE:
        noteTable(tokens, found, from, to);
        break;
      case LOAD:
        found.add(LOAD_DATA);
        if (tokens.code[from + 2] === LOCAL || find(tokens, LOCAL, from, Math.min(to, from + 5)) > 0)
          found.add(LOAD_LOCAL);
        break;
      default:
        break;
    }
  });
  files(tokens, found);
}

function unbounded(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  if (!tokens.isLast || findOutside(tokens, WHERE, from, to) > 0 || findOutside(tokens, LIMIT, from, to) > 0) {
    if (tokens.code[from] === UPDATE) encrypts(tokens, found, from, to, true);
    return;
  }
  const { code } = tokens;
  if (code[from] === DELETE) {
    // More than a name behind FROM joins, and may be bounded by that.
    if (findOutside(tokens, JOIN, from, to) < 0 && findOutside(tokens, COMMA, from, to) < 0)
      found.add(UNBOUNDED_DELETE);
    return;
  }
  const set = findOutside(tokens, SET, from, to);
  if (
    set < 0 ||
    set - from > 6 ||
    findOutside(tokens, JOIN, from, set) > 0 ||
    findOutside(tokens, COMMA, from, set) > 0
  )
    return;
  found.add(UNBOUNDED_UPDATE);
  encrypts(tokens, found, from, to, false);
}

/** `SET email = AES_ENCRYPT(email, …)`: a column replaced by its own ciphertext. */
function encrypts(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number, isBounded: boolean): void {
  const { code } = tokens;
  const set = findOutside(tokens, SET, from, to);
  if (set < 0 || isBounded) return;
  for (let at = set + 1; at < to; at++) {
    if (!CIPHERS.has(code[at]!) || !isCall(tokens, at) || code[at - 1] !== EQUALS) continue;
    const column = nameAt(tokens, at - 2);
    const end = Math.min(closeOf(tokens, at + 1), at + 20);
    for (let i = at + 2; i < end; i++) if (code[i] === C_NAME && nameAt(tokens, i) === column) found.add(MASS_ENCRYPT);
  }
}

/** A demand for money in what is inserted. */
function note(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const into = find(tokens, INTO, from, Math.min(to, from + 4));
  const table = into > 0 ? into + 1 : from + 1;
  const isNamed = NOTE_NAME.test(lastName(tokens, table));
  if (!isNamed) return;
  const most = Math.min(to, table + 200);
  for (let at = table; at < most; at++) {
    if (tokens.code[at] !== C_STRING && !isHex(tokens, at)) continue;
    if (isDemand(literalText(tokens, at))) found.add(RANSOM_NOTE);
  }
}

/** Whether a text asks for money for data. */
function isDemand(text: string): boolean {
  return (
    (MONEY.test(text) || COIN_ADDRESS.test(text)) &&
    DEMAND.test(text) &&
    (COIN_ADDRESS.test(text) || /\d|@|\.onion/.test(text))
  );
}

/** Last part of `db.table` that begins at `at`. */
function lastName(tokens: TokenBuffer, at: number): string {
  return nameAt(tokens, tokens.code[at + 1] === punct('.') ? at + 2 : at);
}

function noteTable(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  let at = from + 1;
  if (code[at] !== TABLE && !DATABASES.has(code[at]!)) return;
  const isDatabase = code[at] !== TABLE;
  at++;
  while (at < to && /^(?:if|not|exists)$/.test(nameAt(tokens, at))) at++;
  const name = lastName(tokens, at);
  if (!NOTE_NAME.test(name)) return;
  if (isDatabase && /read_?me|recover|ransom|warning|hacked/i.test(name)) found.add(RANSOM_TABLE);
  const most = Math.min(to, at + 100);
  for (let i = at; i < most; i++) {
    if (NOTE_COLUMN.test(nameAt(tokens, i))) found.add(RANSOM_TABLE);
    if (code[i] === C_STRING && isDemand(literalText(tokens, i))) found.add(RANSOM_NOTE);
  }
}

/** INTO OUTFILE, LOAD_FILE, LOAD DATA: whatever the path is made of. */
function files(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  let looked = 0;
  for (let at = 0; at < length && looked < MOST_FILES; at++) {
    if (FILES.has(code[at]!) || code[at] === LOAD_FILE || code[at] === INFILE) looked++;
    if (FILES.has(code[at]!) && (code[at - 1] === INTO || at === 0)) {
      found.add(OUTFILE);
      const path = literalText(tokens, at + 1);
      if (EXECUTABLE.test(path) || WEB_ROOT.test(path) || writesCode(tokens, at)) found.add(OUTFILE_CODE);
      if (isUnc(path)) found.add(UNC_PATH);
    } else if (code[at] === LOAD_FILE && code[at + 1] === OPEN) {
      path(found, joinedText(tokens, at + 2, closeOf(tokens, at + 1)));
    } else if (code[at] === INFILE) path(found, literalText(tokens, at + 1));
  }
}

function path(found: FoundFeatures, text: string): void {
  if (isUnc(text)) found.add(UNC_PATH);
  if (SENSITIVE_PATH.test(text)) found.add(SENSITIVE_FILE);
}

function isUnc(path: string): boolean {
  return /^(?:\\\\|\/\/)[^\\/]*/.test(path) && path.length > 1;
}

/** Literals that a script or a program begins with, anywhere before. */
function writesCode(tokens: TokenBuffer, before: number): boolean {
  const least = Math.max(0, before - 300);
  for (let at = least; at < before + 40 && at < tokens.length; at++) {
    if (tokens.code[at] !== C_STRING && !isHex(tokens, at)) continue;
    if (/<\?(?:php|=)|<%|<jsp:|^\x7fELF|^MZ|#!\/|system\s*\(|eval\s*\(/i.test(literalText(tokens, at, 4096)))
      return true;
  }
  return false;
}
