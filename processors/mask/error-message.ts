import { isServerWord } from './error-vocabulary.ts';

/** Messages at least this long were cut by the server (at 512 bytes): a quote in them may be one of the value's own. */
const LIKELY_CUT = 480;
/** Only this much of a message is looked at; no server sends more than 512 bytes. */
const LONGEST_READ = 2048;

/** SIGNAL's codes (ER_SIGNAL_NOT_FOUND, ER_SIGNAL_EXCEPTION): the whole message is a literal of some statement. */
const SIGNAL_CODES: ReadonlySet<number> = new Set([1643, 1644]);

/** What the server writes between two quoted values. The last of them in a message is the server's own, not a value's. */
const BETWEEN: readonly string[] = [
  "' for key '",
  "' for column '",
  "' in '",
  "' to database '",
  "' for table '",
  "' doesn't exist in table '",
  "' from '",
  "'@'",
  "' of '",
];
const QUOTES = /['"`]/g;
/** An apostrophe of `doesn't`, `can't`: no quote. */
const APOSTROPHE = /n't(?![A-Za-z])/g;
const PIECES = /[A-Za-z]+n't(?![A-Za-z])|[A-Za-z0-9_$]+|\s+|[?.,;:()=%/@\-+<>]|./gsu;

/**
 * A server's error message without what it quotes: stretches in quotes, numbers and every word that is not of the servers'
 * own vocabulary become `?`, so that messages of one cause read alike. Values may hold quotes of their own, so
 * everything from the first quote to the last is hidden; to the end where the message was cut or no quote closes it.
 *
 * @param message As sent, in any character set; at most 2 KiB of it are read.
 */
export function maskErrorMessage(message: Buffer, errorCode: number): string {
  if (message.length === 0) return '';
  if (SIGNAL_CODES.has(errorCode)) return '?';
  const text = message.toString('utf8', 0, Math.min(message.length, LONGEST_READ));
  const plain = text.replace(APOSTROPHE, (word) => '\u0000'.repeat(word.length));
  const first = plain.search(QUOTES);
  if (first < 0) return joined(masked(text));
  const last = Math.max(plain.lastIndexOf("'"), plain.lastIndexOf('"'), plain.lastIndexOf('`'));
  const isOpen = last === first || message.length >= LIKELY_CUT;
  const quoted = isOpen ? '?' : quotedPart(text.slice(first, last + 1));
  return joined(`${masked(text.slice(0, first))}${quoted}${isOpen ? '' : masked(text.slice(last + 1))}`);
}

/** The stretch from the first quote to the last: `?`, or two of them around the server's last words between quotes. */
function quotedPart(text: string): string {
  let at = -1;
  let between = '';
  for (const words of BETWEEN) {
    const found = text.lastIndexOf(words);
    if (found > at) {
      at = found;
      between = words;
    }
  }
  return at < 0 ? '?' : `?${between.slice(1, -1)}?`;
}

function masked(text: string): string {
  return text.replace(PIECES, (piece) => {
    if (/^\s/.test(piece)) return ' ';
    if (/^[?.,;:()=%/@\-+<>]$/.test(piece)) return piece;
    if (piece.endsWith("n't"))
      return isServerWord(piece.slice(0, -2)) || isServerWord(piece.slice(0, -3)) ? piece : '?';
    return isServerWord(piece) ? piece : '?';
  });
}

/** One `?` for several in a row, so that a value of many words groups with one of a single word. */
function joined(text: string): string {
  return text.replace(/\?(?:[\s?]*\?)+/g, '?').trim();
}
