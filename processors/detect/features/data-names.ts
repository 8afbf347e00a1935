// Hot path
import type { TokenBuffer } from './token-buffer.ts';
import { C_NAME, C_STRAY, C_SYSTEM, C_VARIABLE, CLOSE, DOT, OPEN, SEMICOLON } from './token-codes.ts';
import { isLiteral } from './token-reading.ts';
import { FIRST_FREE_CODE, G, ids, WORD_GROUPS } from './words.ts';

/** Words of a clause or an operator that nothing keeps from being the name of a column. */
const SOMETIMES_NAMES = ids('end offset some any signed unsigned escape');

/** Whether a token stands for data: a column, a table, a variable, a function that is not known. */
export function isName(tokens: TokenBuffer, at: number): boolean {
  const code = tokens.code[at]!;
  if (at > 0 && tokens.code[at - 1] === C_SYSTEM) return false;
  if (code === C_NAME || code === C_VARIABLE || code === C_STRAY) return true;
  if (code >= FIRST_FREE_CODE) return false;
  const before = at > 0 ? tokens.code[at - 1]! : SEMICOLON;
  const after = tokens.code[at + 1]!;
  if (before === DOT || after === DOT) return true;
  if ((WORD_GROUPS[code]! & G.type) !== 0 && before < FIRST_FREE_CODE && (WORD_GROUPS[before]! & G.before_type) !== 0)
    return false;
  if (SOMETIMES_NAMES.has(code))
    return after !== OPEN && !(before === CLOSE || before === C_NAME || isLiteral(tokens, at - 1));
  if ((WORD_GROUPS[code]! & (G.clause | G.operator)) !== 0) return false;
  return after !== OPEN || (WORD_GROUPS[code]! & (G.pure | G.info | G.part | G.join_text | G.time)) === 0;
}
