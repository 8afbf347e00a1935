/** What a log's text can be cut to: 16 MiB, less what the column's length does not hold. */
const CUT_FROM_CHARACTERS = 16 * 1024 * 1024 - 64;

/**
 * Whether a text of the log is what was seen, but for what logging does to it: white space and semicolons at the ends are
 * dropped, MariaDB writes utf8mb3 (`?` for what that lacks), MySQL the bytes as received, and 16 MiB are the end.
 * @param encoding Of MySQL's bytes where they are no UTF-8.
 */
export function isSameText(logged: string, seen: string, encoding: string): boolean {
  const text = trimmed(seen);
  const log = trimmed(logged);
  if (log === text) return true;
  if (log.length >= CUT_FROM_CHARACTERS) return text.startsWith(log);
  if (log.includes('?') && log === text.replace(/[\u{10000}-\u{10ffff}]/gu, '?')) return true;
  return encoding !== 'utf-8' && trimmed(new TextDecoder(encoding).decode(Buffer.from(logged, 'latin1'))) === text;
}

export function trimmed(text: string): string {
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
