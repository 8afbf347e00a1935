import { type FoundFeatures, featureOf } from './found-features.ts';
import { literalText } from './literal-text.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_STRING } from './token-codes.ts';
import { lengthOf } from './token-reading.ts';

const INERT_ATTEMPT = featureOf('inert_attempt');

/** Literals of one statement that are looked into, and their length: an attempt is short. */
const MOST_LITERALS = 16;
const LONGEST = 2048;
/** What an attempt goes on with once it has left the literal. */
const BREAKS_OUT =
  /^[^'"]{0,48}?['"][\s)]*(?:(?:or|and|xor|having|union|order\s+by|group\s+by|limit|rlike|like|in|between|procedure|into)\b|\|\||&&|;|[=<>!+*-]|#|--|\/\*)/i;
const GOES_ON = /^-?\d[\w@.]{0,40}[\s)]*(?:\/\*.{0,20}?\*\/|\s|\))(?:or|and|xor|having|union|rlike|order\s+by)\b/i;

/**
 * String literals that would be an injection if they were not whole: an attempt without effect.
 *
 * @param isAttack Whether a text, read as SQL that leaves a literal in these quotes, is one.
 */
export function findInertAttempts(
  tokens: TokenBuffer,
  found: FoundFeatures,
  isAttack: (text: string, quote: string) => boolean,
): void {
  let looked = 0;
  for (let at = 0; at < tokens.length && looked < MOST_LITERALS; at++) {
    if (tokens.code[at] !== C_STRING || lengthOf(tokens, at) < 8 || lengthOf(tokens, at) > LONGEST) continue;
    const text = literalText(tokens, at, LONGEST);
    const breaks = BREAKS_OUT.test(text);
    if (!breaks && !GOES_ON.test(text)) continue;
    const quote = breaks ? (/['"]/.exec(text)?.[0] ?? '') : '';
    // Prose before the quote: someone writes about such things.
    if (breaks && (text.slice(0, text.indexOf(quote)).match(/\s+/g) ?? []).length > 1) continue;
    looked++;
    if (isAttack(text, quote)) found.add(INERT_ATTEMPT);
  }
}
