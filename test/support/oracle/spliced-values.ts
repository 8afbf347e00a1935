/** The log cuts texts at 16 MiB. */
const LOG_LIMIT_CHARACTERS = 16 * 1024 * 1024 - 64;

/**
 * Whether the log's text of an Execute is the prepared text with these values in place of its question marks. Servers
 * write values as literals; a value compares equal as a number, as a date without trailing zeros, or as a string.
 */
export function isSpliced(logged: string, prepared: string, values: readonly unknown[]): boolean {
  const isCut = logged.length >= LOG_LIMIT_CHARACTERS;
  const pieces = piecesOf(prepared);
  if (pieces.length !== values.length + 1) return false;
  let at = 0;
  for (const [i, piece] of pieces.entries()) {
    if (!logged.startsWith(piece, at)) return false;
    at += piece.length;
    if (i === values.length) break;
    const literal = literalAt(logged, at);
    // Of a long value the log has the beginning.
    if (isCut && literal === null) return String(values[i]).startsWith(logged.slice(at + 1));
    if (literal === null || !isSameValue(literal.value, values[i])) return false;
    at = literal.end;
  }
  return logged.slice(at).trim() === '';
}

/** The text between the placeholders; question marks in quotes and comments are none. */
function piecesOf(prepared: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  const tokens = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|\/\*.*?\*\/|\?/gs;
  for (const match of prepared.matchAll(tokens)) {
    if (match[0] !== '?') continue;
    pieces.push(prepared.slice(from, match.index));
    from = match.index + 1;
  }
  pieces.push(prepared.slice(from).trimEnd());
  return pieces;
}

const LITERAL =
  /(?:NULL|(?:_?[A-Za-z][A-Za-z0-9]*)?'([^'\\]*(?:(?:\\.|'')[^'\\]*)*)'|0x[0-9A-Fa-f]*|[-+]?[0-9.]+(?:e[-+]?[0-9]+)?)/isy;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', Z: '\x1a', b: '\b' };

function literalAt(text: string, at: number): { value: string | null; end: number } | null {
  LITERAL.lastIndex = at;
  const match = LITERAL.exec(text);
  if (match === null) return null;
  const end = at + match[0].length;
  if (match[0] === 'NULL') return { value: null, end };
  if (match[1] === undefined) return { value: match[0], end };
  const value = match[1].replace(/\\(.)|''/gs, (whole, escaped: string | undefined) =>
    escaped === undefined ? whole.slice(1) : (ESCAPES[escaped] ?? escaped),
  );
  return { value, end };
}

function isSameValue(logged: string | null, seen: unknown): boolean {
  if (logged === null || seen === null) return logged === null && seen === null;
  const text = String(seen);
  if (logged === text || withoutFraction(logged) === withoutFraction(text)) return true;
  // Bytes that are no text of the character set: their number is compared by the rest of the statement.
  if (text.includes('\ufffd')) return true;
  if (/^0x/i.test(logged)) return Buffer.from(logged.slice(2), 'hex').toString('utf8') === text;
  return typeof seen === 'number' && Number(logged) === seen;
}

/** `.000000` and a time of 00:00:00 say nothing. */
function withoutFraction(date: string): string {
  return /^\d{4}-\d\d-\d\d|^-?\d+:\d\d:\d\d/.test(date)
    ? date
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '')
        .replace(/ 00:00:00$/, '')
    : date;
}
