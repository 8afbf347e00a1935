const NEWLINE = 0x0a;

/**
 * Calls `onLine` with the text of each line that is not empty, and its number from 0. The newline behind the last one is optional;
 * what is no UTF-8 becomes U+FFFD.
 */
export function eachLine(value: Buffer, onLine: (text: string, line: number) => void): void {
  let line = 0;
  for (let start = 0; start < value.length; line++) {
    let end = value.indexOf(NEWLINE, start);
    if (end < 0) end = value.length;
    if (end > start) onLine(value.toString('utf8', start, end), line);
    start = end + 1;
  }
}
