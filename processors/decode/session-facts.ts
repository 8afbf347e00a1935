import type { SqlMode } from '../../schemas/sql-text.ts';

/** What a statement that succeeded says about the session. Only the beginning of a text is looked at. */
export interface SessionFacts {
  database: string | null;
  charset: string | null;
  sqlMode: string | null;
}

/** USE and SET are short; a longer text is not one of those that matter here. */
const LOOK_BYTES = 512;
/** The letters of USE and SET as one number, upper case. */
const USE = 0x555345;
const SET = 0x534554;
const UPPER_CASE = 0xdfdfdf;
const SLASH = 0x2f;

/** Hot path: says from its first letters whether a text can be USE or SET; one that begins with a comment can be anything. */
export function mayChangeSession(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at]! <= 0x20) at++;
  if (at + 3 >= end) return false;
  const letters = ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!) & UPPER_CASE;
  return letters === USE || letters === SET || bytes[at] === SLASH;
}

/** Reads USE, SET NAMES, SET CHARACTER SET, SET character_set_client and SET sql_mode. */
export function readSessionFacts(bytes: Buffer, start: number, end: number): SessionFacts {
  const text = bytes.toString('latin1', start, Math.min(end, start + LOOK_BYTES)).replace(/^(\s|\/\*.*?\*\/)+/s, '');
  const facts: SessionFacts = { database: null, charset: null, sqlMode: null };
  const use = /^use\s+(?:`((?:[^`]|``)+)`|([^\s;`]+))\s*;?\s*$/i.exec(text);
  if (use !== null) {
    const name = use[1] === undefined ? use[2]! : use[1].replaceAll('``', '`');
    facts.database = Buffer.from(name, 'latin1').toString('utf8');
    return facts;
  }
  if (!/^set\s/i.test(text)) return facts;
  const charset =
    /^set\s+names\s+['"]?(\w+)/i.exec(text) ??
    /^set\s+(?:character\s+set|charset)\s+['"]?(\w+)/i.exec(text) ??
    /[\s,.@]character_set_client\s*:?=\s*['"]?(\w+)/i.exec(text);
  if (charset !== null && charset[1]!.toLowerCase() !== 'default') facts.charset = charsetName(charset[1]!);
  const mode = /[\s,.@]sql_mode\s*:?=\s*(?:'([^']*)'|"([^"]*)"|(\w+))/i.exec(text);
  if (mode !== null) facts.sqlMode = (mode[1] ?? mode[2] ?? mode[3] ?? '').toUpperCase();
  return facts;
}

/** The mode after `SET sql_mode`; an expression that is not a plain list leaves it unknown. */
export function withSqlMode(mode: SqlMode, sqlMode: string): SqlMode {
  const isList = /^[A-Z0-9_,\s]*$/.test(sqlMode);
  const has = (flag: string) => sqlMode.split(',').some((part) => part.trim() === flag);
  const ansi = has('ANSI_QUOTES') || has('ANSI');
  return { ...mode, ansiQuotes: isList ? ansi : null, noBackslashEscapes: isList ? has('NO_BACKSLASH_ESCAPES') : null };
}

/** One name per character set, whatever the client calls it. */
export function charsetName(name: string): string {
  const lower = name.toLowerCase();
  return lower === 'utf8' ? 'utf8mb3' : lower;
}
