// Hot path
import type { TokenBuffer } from './token-buffer.ts';
import { COMMA, punct } from './token-codes.ts';
import { isLiteral } from './token-reading.ts';
import { ids } from './words.ts';

const MINUS = punct('-');
const PLUS = punct('+');
const CONSTANTS = ids('null true false default');
/** Longer rows are never taken for equal. */
const LONGEST_ROW = 96;

/** Whether nothing but literals stands between the parentheses at `open` and `close`. */
export function isRow(tokens: TokenBuffer, open: number, close: number): boolean {
  if (close - open > LONGEST_ROW) return false;
  for (let at = open + 1; at < close; at++) {
    const code = tokens.code[at]!;
    if (!isLiteral(tokens, at) && code !== COMMA && code !== MINUS && code !== PLUS && !CONSTANTS.has(code))
      return false;
  }
  return true;
}
