import { nameAt } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NAME, OPEN } from './token-codes.ts';
import { ids } from './words.ts';

const CREDENTIAL =
  /pass(?:word|wd|phrase)?|pwd|(?:^|_)pw(?:$|_)|(?:^|_)hash|secret|token|card_?(?:no|num)|cvv|ssn|api_?key/i;
/** Words with a meaning of their own that are names of such columns as well. */
const WORDS = ids('password authentication_string');

/** Whether the token at `at` is a column named as those with passwords, hashes, tokens or cards are. */
export function isCredential(tokens: TokenBuffer, at: number): boolean {
  const code = tokens.code[at]!;
  if ((code !== C_NAME && !WORDS.has(code)) || tokens.code[at + 1] === OPEN) return false;
  return CREDENTIAL.test(nameAt(tokens, at));
}
