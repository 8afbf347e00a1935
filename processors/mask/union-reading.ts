import type { SqlMode } from '../../schemas/sql-text.ts';
import { BYTE_CLASS, SPACE } from './byte-classes.ts';
import { clientCharset, readingsOf } from './client-charset.ts';
import type { Lexer } from './lexer.ts';
import { T_END, T_NUMBER, T_STRING } from './token-kinds.ts';
import { firstDoubt } from './unclosed-text.ts';

/** Longer texts are not read in every mode: nothing of them is shown. 20 readings of this size take some 30 ms. */
const LARGEST_UNION_BYTES = 256 * 1024;

const SHOWN = 0;
const COMMENT = 1;
const LITERAL = 2;
const MARK = 0x3f;
const BLANK = 0x20;
const BOTH: readonly boolean[] = [true, false];

/**
 * Blots out every byte that is part of a literal or comment in any reading the server may have taken: escapes on or off,
 * `"` a string or an identifier, every way to combine bytes >= 0x80, as far as the mode leaves them open.
 *
 * @param isWhole Nothing of the text was cut off: where it ends unclosed in any reading, all from the first doubt of any
 * reading on is hidden.
 * @returns The text with `?` for each hidden stretch and a blank for each comment, to be masked under `utf8mb4` with
 * escapes off; `?` alone when the text exceeds `LARGEST_UNION_BYTES`.
 */
export function hideInEveryReading(
  lexer: Lexer,
  bytes: Uint8Array,
  start: number,
  end: number,
  mode: SqlMode,
  isWhole: boolean,
): Uint8Array {
  const length = end - start;
  if (length > LARGEST_UNION_BYTES) return Uint8Array.of(MARK);
  const marks = new Uint8Array(length);
  const escapes = mode.noBackslashEscapes === null ? BOTH : [mode.noBackslashEscapes];
  const quotes = mode.ansiQuotes === null ? BOTH : [mode.ansiQuotes];
  let isUnclosed = false;
  /** No reading makes sense of all quotes. One that does hides what stands between them, so the others' doubts do not matter. */
  let isOutOfPhase = true;
  let doubt = end;
  for (const set of readingsOf(clientCharset(mode.charset))) {
    for (const noBackslashEscapes of escapes) {
      for (const ansiQuotes of quotes) {
        lexer.begin(bytes, start, end, set, noBackslashEscapes, ansiQuotes);
        markHidden(lexer, bytes, start, end, marks);
        isUnclosed ||= lexer.isUnclosed;
        isOutOfPhase &&= lexer.isOutOfPhase;
        lexer.begin(bytes, start, end, set, noBackslashEscapes, ansiQuotes);
        doubt = Math.min(doubt, firstDoubt(lexer, bytes, end));
      }
    }
  }
  if ((isUnclosed && isWhole) || isOutOfPhase) marks.fill(LITERAL, doubt - start);
  return withoutHidden(bytes, start, end, marks);
}

function markHidden(lexer: Lexer, bytes: Uint8Array, start: number, end: number, marks: Uint8Array): void {
  let at = start;
  for (;;) {
    const kind = lexer.next();
    const to = kind === T_END ? end : lexer.start;
    for (; at < to; at++)
      if (BYTE_CLASS[bytes[at]!] !== SPACE && marks[at - start] === SHOWN) marks[at - start] = COMMENT;
    if (kind === T_END) return;
    if (kind === T_STRING || kind === T_NUMBER) marks.fill(LITERAL, lexer.start - start, lexer.end - start);
    else if (lexer.isHidden) marks.fill(LITERAL, lexer.start + 1 - start, lexer.end - 1 - start);
    at = lexer.end;
  }
}

function withoutHidden(bytes: Uint8Array, start: number, end: number, marks: Uint8Array): Uint8Array {
  const out = new Uint8Array(marks.length * 2 + 2);
  let length = 0;
  for (let i = 0; i < end - start; ) {
    if (marks[i] === SHOWN) {
      out[length++] = bytes[start + i++]!;
      continue;
    }
    let isLiteral = false;
    while (i < end - start && marks[i] !== SHOWN) isLiteral = marks[i++] === LITERAL || isLiteral;
    out[length++] = isLiteral ? MARK : BLANK;
  }
  return out.subarray(0, length);
}
