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

const EQUALS = 0x3d;
const COLON = 0x3a;
const OPEN = 0x28;
const SEMICOLON = 0x3b;

/**
 * Finds secrets that stand where a string belongs but are none: `IDENTIFIED BY hunter2`, `SET PASSWORD = "x"` under
 * ANSI_QUOTES, `MASTER_PASSWORD = p@ss`. The server refuses such statements, so nothing of their rest is worth showing.
 * Every method answers true when the token it is told of begins such a secret.
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

  begin(): void {
    this.verb = -1;
    this.second = -1;
    this.isIdentified = false;
    this.expects = false;
    this.isNamed = false;
  }

  word(word: number): boolean {
    if (word === 0 && !this.expects && this.verb >= 0 && this.second >= 0) {
      this.isNamed = false;
      return false;
    }
    if (this.verb < 0) {
      this.verb = word;
      return false;
    }
    const isCredentialVerb =
      this.verb === W_CREATE ||
      this.verb === W_ALTER ||
      this.verb === W_GRANT ||
      this.verb === W_CHANGE ||
      this.verb === W_START ||
      this.verb === W_SET;
    const isSecond = this.second < 0;
    if (isSecond) this.second = word;
    if (!isCredentialVerb) return false;
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
      (word === W_PASSWORD && (this.verb === W_START || this.verb === W_CHANGE)) ||
      // SET PASSWORD [FOR account] = …
      (this.verb === W_SET && this.second === W_PASSWORD);
    return false;
  }

  string(): void {
    this.expects = false;
    this.isNamed = this.verb === W_SET && this.second === W_PASSWORD;
  }

  punct(byte: number): boolean {
    if (this.expects) {
      if (byte === EQUALS || byte === OPEN) return false;
      this.expects = false;
      if (byte !== SEMICOLON) return true;
    }
    if (byte === SEMICOLON) this.begin();
    else if (byte === EQUALS) {
      this.expects = this.isNamed || (this.verb === W_SET && this.second === W_PASSWORD);
      this.isNamed = false;
    } else if (byte !== COLON) this.isNamed = false;
    return false;
  }

  other(): boolean {
    const isSecret = this.expects;
    this.expects = false;
    return isSecret;
  }
}
