const NEWLINE = 0x0a;

/** Lines of one record at most, before compression; a single longer line is a record of its own. */
export const RECORD_BYTES = 512 * 1024;

/** One value of newline-delimited JSON, each line ended. */
export function linesValue(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Calls `onLine` with the bounds of each line that is not empty, from line 0; the newline behind the last one is optional. */
export function eachLine(value: Buffer, onLine: (start: number, end: number, line: number) => void): void {
  let line = 0;
  for (let start = 0; start < value.length; line++) {
    let end = value.indexOf(NEWLINE, start);
    if (end < 0) end = value.length;
    if (end > start) onLine(start, end, line);
    start = end + 1;
  }
}
