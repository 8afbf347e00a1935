// Hot path
import { type FoundFeatures, featureOf } from './found-features.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NUMBER, COMMA } from './token-codes.ts';
import { isLiteral } from './token-reading.ts';
import { id } from './words.ts';

const ORDER_BY_POSITION = featureOf('order_by_position');
const PROCEDURE_ANALYSE = featureOf('procedure_analyse');

const ORDER = id('order');
const BY = id('by');
const PROCEDURE = id('procedure');
const ANALYSE = id('analyse');

/** Ways to learn how many columns a query has, and where it sorts. */
export function findProbes(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  for (let at = 0; at + 2 < length; at++) {
    if (code[at] === PROCEDURE && code[at + 1] === ANALYSE) found.add(PROCEDURE_ANALYSE);
    if (code[at] !== ORDER || code[at + 1] !== BY) continue;
    // A placeholder or string there is masked just like a number.
    if (isLiteral(tokens, at + 2)) tokens.hasLooked = true;
    if (code[at + 2] === C_NUMBER && code[at + 3] !== COMMA) found.add(ORDER_BY_POSITION);
  }
}
