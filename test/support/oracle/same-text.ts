/** What a log's text can be cut to: 16 MiB, less what the column's length does not hold. */
const CUT_FROM_CHARACTERS = 16 * 1024 * 1024 - 64;

/**
 * Whether a text of the log is what was seen, but for what logging does to it: white space and semicolons at the ends are
 * dropped, bytes of other character sets are written as they are, and 16 MiB are the end.
 * @param encoding The client's, by the encoding standard's name.
 */
export function isSameText(logged: string, seen: string, encoding: string): boolean {
  const text = trimmed(seen);
  const log = trimmed(logged);
  if (log === text) return true;
  if (log.length >= CUT_FROM_CHARACTERS) return text.startsWith(log);
  const bytes = bytesOf(log);
  return trimmed(decoded(bytes, 'utf-8')) === text || trimmed(decoded(bytes, encoding)) === text;
}

/** MariaDB takes the bytes for utf8mb3 and writes `\xNN` for those that are none; MySQL's were read one character a byte. */
function bytesOf(log: string): Buffer {
  const isUtf8 = /\\x[0-9A-F]{2}/.test(log);
  if (!isUtf8) return Buffer.from(log, 'latin1');
  return Buffer.concat(
    log
      .split(/(\\x[0-9A-F]{2})/)
      .map((part, i) => (i % 2 === 1 ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part, 'utf8'))),
  );
}

/** TextDecoder of Node 20 takes windows-1252 for ISO 8859-1; the euro sign is the one difference that the clients send. */
function decoded(bytes: Buffer, encoding: string): string {
  const text = new TextDecoder(encoding).decode(bytes);
  return encoding === 'windows-1252' ? text.replaceAll('\x80', '€') : text;
}

function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && ' \t\n\r\v\f'.includes(text[start]!)) start++;
  while (end > start && ' \t\n\r\v\f;\0'.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/**
 * How many rows of the log, from `at` on, the text stands for: a query of several statements has one row for each, up to
 * the one that failed. 0 where the first row is not of this text.
 */
export function rowsOfText(
  logged: readonly string[],
  at: number,
  seen: string,
  hasFailed: boolean,
  encoding: string,
): number {
  let rest = trimmed(seen);
  for (let i = at; i < logged.length; i++) {
    if (isSameText(logged[i]!, rest, encoding)) return i + 1 - at;
    const first = trimmed(logged[i]!);
    const after = rest.startsWith(first) ? rest.slice(first.length).trimStart() : '';
    if (first === '' || !after.startsWith(';')) return hasFailed ? i - at : 0;
    rest = trimmed(after.replace(/^[\s;]+/, ''));
    if (rest === '') return i + 1 - at;
  }
  return hasFailed ? logged.length - at : 0;
}
