/**
 * What a text that ran says about the session. It decides how later texts are read, so what is not certain is told as unknown:
 * masking then hides what any reading would hide.
 */
export interface SessionFacts {
  /** The new current database, null where it stays; empty where it changes to an unknown one. */
  database: string | null;
  /** The new character set of the client, null where it stays; empty where it may have changed. */
  charset: string | null;
  /** The new state of ANSI_QUOTES; null where it may have changed. */
  ansiQuotes: boolean | null | 'kept';
}

/** A plain USE or SET is short. */
const PLAIN_BYTES = 512;
/** What stands behind this much of a text that may hold several statements is not looked at: it may be anything. */
const LOOK_BYTES = 64 * 1024;
const LONGEST_CHARSET = 64;
const UPPER_CASE = 0xdfdfdfdf;
const SLASH = 0x2f;
const STAR = 0x2a;
const HASH = 0x23;
const PARENTHESIS = 0x28;
const DASH = 0x2d;
const NEWLINE = 0x0a;
const BEGIN = word('BEGI');

/** First letters of statements that leave the session as it is, as one number. */
const ORDINARY: ReadonlySet<number> = new Set(
  (
    'SELE INSE UPDA DELE REPL COMM ROLL STAR SHOW WITH EXPL DESC CREA ALTE DROP TRUN GRAN REVO RENA ANAL CHEC OPTI LOAD LOCK ' +
    'UNLO FLUS KILL SAVE RELE HAND VALU TABL DEAL'
  )
    .split(' ')
    .map(word),
);

/**
 * Hot path: says from its first letters whether a text can change the session.
 * @param isSeveral Its response has further results: then a later statement can, whatever the first one is.
 */
export function mayChangeSession(bytes: Buffer, start: number, end: number, isSeveral: boolean): boolean {
  if (isSeveral) return true;
  let at = start;
  while (at < end && bytes[at]! <= 0x20) at++;
  return at < end && !isOrdinary(bytes, at, end);
}

/**
 * Reads USE, SET NAMES, SET CHARACTER SET, SET character_set_client and SET sql_mode. Linear time; at most 64 KiB of the
 * text are looked at.
 * @param isSeveral As for `mayChangeSession`.
 * @param isWhole The end of the text was not cut off.
 */
export function readSessionFacts(
  bytes: Buffer,
  start: number,
  end: number,
  isSeveral: boolean,
  isWhole: boolean,
): SessionFacts {
  const facts: SessionFacts = { database: null, charset: null, ansiQuotes: 'kept' };
  const at = skipComments(bytes, start, end);
  if (!isSeveral && (at === end || isOrdinary(bytes, at, end))) return facts;
  if (isWhole && end - at <= PLAIN_BYTES && readPlain(bytes.toString('latin1', at, end), facts)) return facts;
  const text = bytes.toString('latin1', at, Math.min(end, at + LOOK_BYTES));
  if (isSeveral || USE.test(text)) facts.database = lastUse(text);
  if (VERSIONED_USE.test(text)) facts.database = '';
  const isCut = !isWhole || end - at > LOOK_BYTES;
  if (isCut && facts.database !== null) facts.database = '';
  if (isCut && isSeveral) facts.database = '';
  if (isCut || SQL_MODE.test(text) || INDIRECT.test(text) || VERSIONED.test(text)) facts.ansiQuotes = null;
  if (isCut || CHARSET.test(text)) facts.charset = '';
  return facts;
}

/** Whether strings in double quotes are names in this mode, a list as the server keeps it; null for what is no list. */
export function hasAnsiQuotes(sqlMode: string): boolean | null {
  if (!/^[A-Za-z0-9_,\s]*$/.test(sqlMode)) return null;
  const modes = sqlMode.split(',').map((mode) => mode.trim());
  if (modes.some((mode) => ANSI.test(mode))) return true;
  // A number holds it as a bit, and the names of other products stand for it on some servers.
  return modes.some((mode) => MAY_BE_ANSI.test(mode)) ? null : false;
}

/** One name per character set, whatever the client calls it; empty for what no server has as a name. */
export function charsetName(name: string): string {
  if (name.length > LONGEST_CHARSET) return '';
  const lower = name.toLowerCase();
  return lower === 'utf8' ? 'utf8mb3' : lower;
}

const ANSI = /^ansi(?:_quotes)?$/i;
const MAY_BE_ANSI = /^(?:\d+|oracle|mssql|db2|maxdb|postgresql)$/i;
const SCOPE = String.raw`(?:(?:session|local)\s+|@@(?:session\.|local\.)?)?`;
const PLAIN_CHARSET = new RegExp(
  String.raw`^set\s+(?:names\s+|(?:character\s+set|charset)\s+|${SCOPE}character_set_client\s*:?=\s*)` +
    String.raw`(?:'(\w+)'|"(\w+)"|([a-z]\w*))(?:\s+collate\s+(?:'\w+'|"\w+"|\w+))?$`,
  'i',
);
const PLAIN_SQL_MODE = new RegExp(
  String.raw`^set\s+${SCOPE}sql_mode\s*:?=\s*(?:'([^'"\\]*)'|"([^'"\\]*)"|([a-z]\w*))$`,
  'i',
);
/** Executed by every server since 5.5.3; what later versions stand for differs between MySQL and MariaDB. */
const PLAIN_VERSIONED = /^\/\*!([0-4]\d{4}|50[0-5]\d{2})\s+(set\s[^*/]*)\*\/$/i;

const USE = /^use(?!\w)/i;
const VERSIONED = /^\/\*M?!/i;
const VERSIONED_USE = /\/\*M?!\d*\s*use(?!\w)/i;
const SQL_MODE = /sql_mode/i;
/** What they run stands elsewhere. */
const INDIRECT = /\b(?:call|execute|prepare)\b/i;
const CHARSET = /\bnames\b|character_set_client|(?:\bset|[,/!\d])\s*(?:character|charset)\b/i;

/** @returns false when the text is none of the plain forms. */
function readPlain(whole: string, facts: SessionFacts): boolean {
  const closed = withoutEnd(whole);
  const versioned = PLAIN_VERSIONED.exec(closed);
  const text = versioned === null ? closed : versioned[2]!.trim();
  const charset = PLAIN_CHARSET.exec(text);
  if (charset !== null) {
    const name = charset[1] ?? charset[2] ?? charset[3]!;
    facts.charset = /^(?:default|null)$/i.test(name) ? '' : charsetName(name);
    return true;
  }
  const mode = versioned === null ? PLAIN_SQL_MODE.exec(text) : null;
  if (mode === null) return false;
  // The default is the server's, which no text tells.
  facts.ansiQuotes = /^default$/i.test(mode[3] ?? '') ? null : hasAnsiQuotes(mode[1] ?? mode[2] ?? mode[3]!);
  return true;
}

/** Without the white space around it and one `;` at its end. */
function withoutEnd(text: string): string {
  const trimmed = text.trim();
  return trimmed.endsWith(';') ? trimmed.slice(0, -1).trimEnd() : trimmed;
}

/** Parts of a text: blanks, a comment, a quoted piece (open to the end where it is not closed), a `;`, other bytes. */
const PART =
  /([ \t\r\n\v\f\0]+|\/\*(?!M?!)[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/|$)|#[^\n]*|--(?=[\s\0]|$)[^\n]*)|(`(?:[^`]|``)*`)|(?:'(?:[^'\\]|\\.)*(?:'|\\?$)|"(?:[^"\\]|\\.)*(?:"|\\?$))|(;)|([^ \t\r\n\v\f\0/#'"`;-]+|.)/sy;

/** The database of the last USE in a text of one or more statements; null without one, empty when it is not understood. */
function lastUse(text: string): string | null {
  let database: string | null = null;
  // Of the current statement: how many parts it has, whether the first is USE, and the name behind it.
  let parts = 0;
  let isUse = false;
  let name = '';
  PART.lastIndex = 0;
  for (let part = PART.exec(text); part !== null; part = PART.exec(text)) {
    const [piece, blank, quotedName, separator, other] = part;
    if (blank !== undefined) continue;
    if (separator === undefined) {
      parts++;
      if (parts === 1) isUse = other !== undefined && USE.test(piece) && piece.length === 3;
      else if (parts === 2 && isUse) name = quotedName === undefined ? bareName(other) : unquoted(quotedName);
      continue;
    }
    if (isUse) database = parts === 2 ? name : '';
    parts = 0;
    isUse = false;
  }
  if (isUse) database = parts === 2 ? name : '';
  return database === null ? null : Buffer.from(database, 'latin1').toString('utf8');
}

function bareName(piece: string | undefined): string {
  return piece !== undefined && /^[\w$\x80-\xff]+$/.test(piece) ? piece : '';
}

function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('``', '`');
}

function word(letters: string): number {
  return Buffer.from(letters, 'latin1').readInt32BE(0);
}

function isOrdinary(bytes: Buffer, at: number, end: number): boolean {
  // Shorter than any statement that changes something.
  if (at + 4 > end) return true;
  const letters = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) & UPPER_CASE;
  // A longer BEGIN can be a block of statements.
  return ORDINARY.has(letters) || (letters === BEGIN && end - at <= 6);
}

/** @returns Where the text begins behind white space, parentheses and comments that no server executes. */
function skipComments(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    const next = at + 1 < end ? bytes[at + 1]! : 0;
    if (byte <= 0x20 || byte === PARENTHESIS) at++;
    else if (byte === HASH || (byte === DASH && next === DASH)) at = behind(bytes, at, end, NEWLINE, -1);
    else if (byte === SLASH && next === STAR && !isExecuted(bytes, at + 2))
      at = behind(bytes, at + 2, end, STAR, SLASH);
    else break;
  }
  return at;
}

function isExecuted(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x21 || ((bytes[at]! & 0xdf) === 0x4d && bytes[at + 1] === 0x21);
}

/** @param second -1 for a single byte. @returns The place behind them, or the end. */
function behind(bytes: Buffer, from: number, end: number, first: number, second: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] !== first) continue;
    if (second === -1) return at + 1;
    if (at + 1 < end && bytes[at + 1] === second) return at + 2;
  }
  return end;
}
