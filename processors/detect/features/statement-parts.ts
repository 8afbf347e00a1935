// Hot path
import type { TokenBuffer } from './token-buffer.ts';
import { C_NAME, OPEN, SEMICOLON } from './token-codes.ts';
import { closeOf } from './token-reading.ts';

/** Calls `visit` for each of the statements between semicolons: where its first word stands and where it ends. */
export function eachStatement(tokens: TokenBuffer, visit: (from: number, to: number) => void): void {
  const { code, length } = tokens;
  let from = 0;
  for (let at = 0; at <= length; at++) {
    if (at < length && code[at] !== SEMICOLON) continue;
    while (from < at && code[from] === OPEN) from++;
    if (from < at) visit(from, at);
    from = at + 1;
  }
}

/** The first place outside parentheses in `[from, to)` with this code; -1 without one. */
export function findOutside(tokens: TokenBuffer, code: number, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (tokens.code[at] === code) return at;
    if (tokens.code[at] === OPEN) at = closeOf(tokens, at);
  }
  return -1;
}

/** The word or quoted name at `at` in lower case; empty beyond the end, or where it is longer than any name. */
export function nameAt(tokens: TokenBuffer, at: number): string {
  if (at < 0 || at >= tokens.length) return '';
  let from = tokens.start[at]!;
  let to = tokens.end[at]!;
  if (to - from > 66) return '';
  if (tokens.code[at] === C_NAME && (tokens.bytes[from] === 0x60 || tokens.bytes[from] === 0x22)) {
    from++;
    to--;
  }
  return Buffer.from(tokens.bytes.buffer, tokens.bytes.byteOffset + from, Math.max(0, to - from))
    .toString('latin1')
    .toLowerCase();
}
