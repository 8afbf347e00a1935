// Hot path
import {
  W_ALTER,
  W_AS,
  W_BY,
  W_CHANGE,
  W_CREATE,
  W_GRANT,
  W_IDENTIFIED,
  W_MASTER_PASSWORD,
  W_OLD_PASSWORD,
  W_PASSWORD,
  W_RANDOM,
  W_SET,
  W_SOURCE_PASSWORD,
  W_START,
  W_USING,
} from './hot-words.ts';

import { T_PARAMETER, T_PUNCT, T_STRING, T_WORD } from './token-kinds.ts';

const EQUALS = 0x3d;
const COLON = 0x3a;
const OPEN = 0x28;
const SEMICOLON = 0x3b;

/** 1 for the first words of statements that set credentials. */
const CREDENTIAL_VERBS = new Uint8Array(256);
for (const verb of [W_CREATE, W_ALTER, W_GRANT, W_CHANGE, W_START, W_SET]) CREDENTIAL_VERBS[verb] = 1;

/**
 * Finds secrets that stand where a string belongs but are none: `IDENTIFIED BY hunter2`, `SET PASSWORD = "x"` under
 * ANSI_QUOTES, `MASTER_PASSWORD = p@ss`. The server refuses such statements, so nothing of their rest is worth showing.
 */
export class CredentialWatch {
  /** First word of the statement; -1 before it. */
  private verb = -1;
  private second = -1;
  private isIdentified = false;
  /** The last words ask for a secret. */
  private expects = false;
  /** A password option was named: `=` asks for a secret. */
  private isNamed = false;

  /** False once the first word shows a statement that sets no credentials; then only `;` matters. */
  isWatching = true;

  begin(): void {
    this.isWatching = true;
    this.verb = -1;
    this.second = -1;
    this.isIdentified = false;
    this.expects = false;
    this.isNamed = false;
  }

  /** @returns True when the token is the beginning of a secret that no quotes mark. */
  sees(kind: number, word: number, first: number): boolean {
    if (kind === T_WORD) return this.word(word);
    if (kind === T_PUNCT) return this.punct(first);
    if (kind === T_STRING || kind === T_PARAMETER) {
      this.expects = false;
      return false;
    }
    const isSecret = this.expects;
    this.expects = false;
    return isSecret;
  }

  private word(word: number): boolean {
    if (this.verb < 0) {
      this.verb = word;
      this.isWatching = CREDENTIAL_VERBS[word] === 1;
      return false;
    }
    if (this.second < 0) this.second = word;
    if (this.expects) {
      // BY PASSWORD 'hash', USING PASSWORD('…'): the secret comes after.
      if (word === W_PASSWORD || word === W_OLD_PASSWORD) return false;
      this.expects = false;
      return word !== W_RANDOM;
    }
    if (word === W_IDENTIFIED) this.isIdentified = true;
    else if (word === W_BY || word === W_AS || word === W_USING) this.expects = this.isIdentified;
    this.isNamed =
      word === W_MASTER_PASSWORD ||
      word === W_SOURCE_PASSWORD ||
      (word === W_PASSWORD && (this.verb === W_START || this.verb === W_CHANGE));
    return false;
  }

  private punct(byte: number): boolean {
    if (byte === SEMICOLON) {
      this.begin();
      return false;
    }
    if (this.expects) {
      if (byte === EQUALS || byte === OPEN) return false;
      this.expects = false;
      return true;
    }
    // SET PASSWORD [FOR account] = …
    if (byte === EQUALS) this.expects = this.isNamed || (this.verb === W_SET && this.second === W_PASSWORD);
    if (byte !== COLON) this.isNamed = false;
    return false;
  }
}
