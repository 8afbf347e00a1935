import { nameAt } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NUMBER, C_PARAMETER, C_STRING } from './token-codes.ts';

/** Bytes of a literal that are looked at. */
const LONGEST_LITERAL = 64 * 1024;

const ESCAPES: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };

/**
 * What a literal says, one character per byte: quotes and escapes undone, hexadecimal digits as the bytes they stand for. Of long ones the
 * beginning; empty where the token is no literal.
 */
export function literalText(tokens: TokenBuffer, at: number, most: number = LONGEST_LITERAL): string {
  const code = tokens.code[at];
  if (code === C_PARAMETER) tokens.hasLooked = true;
  if (code !== C_STRING && code !== C_NUMBER) return '';
  tokens.hasLooked = true;
  const from = tokens.start[at]!;
  const to = Math.min(tokens.end[at]!, from + most);
  const { bytes } = tokens;
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
  if (code === C_NUMBER) return /^0x(?:[0-9a-f]{2})+$/i.test(raw) ? bytesOf(raw.slice(2)) : raw;
  const open = raw.search(/['"]/);
  const prefix = raw.slice(0, Math.max(0, open)).toLowerCase();
  const isClosed = raw.length > open + 1 && raw.endsWith(raw[open]!);
  const inner = raw.slice(open + 1, isClosed ? -1 : undefined);
  if (prefix === 'x') return bytesOf(inner);
  return unescaped(inner, raw[open]!, tokens.escapes);
}

/** What is named at `at`, in lower case, whether it is written as a word, in back quotes or as a string. */
export function namedAt(tokens: TokenBuffer, at: number): string {
  return tokens.code[at] === C_STRING ? literalText(tokens, at).toLowerCase() : nameAt(tokens, at);
}

/** A run of literals and functions of literals as the text they come to: `CONCAT('DR',CHAR(79,80),0x20)`; at most 256 tokens. */
export function joinedText(tokens: TokenBuffer, from: number, to: number): string {
  let text = '';
  const end = Math.min(to, from + 256);
  for (let at = from; at < end && text.length < LONGEST_LITERAL; at++) {
    if (tokens.code[at] === C_STRING) text += literalText(tokens, at);
    else if (tokens.code[at] === C_NUMBER) {
      const number = literalText(tokens, at);
      const isCode = /^\d{1,3}$/.test(number) && Number(number) < 256;
      text += isCode ? String.fromCharCode(Number(number)) : number;
    }
  }
  return text;
}

function bytesOf(digits: string): string {
  return /^[0-9a-f]*$/i.test(digits) ? Buffer.from(digits, 'hex').toString('latin1') : '';
}

function unescaped(inner: string, quote: string, escapes: boolean): string {
  if (!inner.includes(quote) && !inner.includes('\\')) return inner;
  let text = '';
  for (let i = 0; i < inner.length; i++) {
    const c = inner[i]!;
    if (c === '\\' && escapes && i + 1 < inner.length) {
      const next = inner[++i]!;
      text += ESCAPES[next] ?? next;
    } else {
      if (c === quote && inner[i + 1] === quote) i++;
      text += c;
    }
  }
  return text;
}
