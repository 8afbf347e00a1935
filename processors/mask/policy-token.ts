import { createHmac } from 'node:crypto';

/** A key of the policy: its name in tokens, and its bytes. */
export interface TokenKey {
  readonly id: string;
  readonly secret: Buffer;
}

const VALUE_DIGITS = 16;
const CHECK_DIGITS = 8;
/** Hex digits of a token. */
export const TOKEN_DIGITS = VALUE_DIGITS + CHECK_DIGITS;
/** Longest id of a key. */
export const LONGEST_KEY_ID = 8;

/**
 * Makes tokens, `?h1:9f86d081884c7d659a2feaa0`: key id, 64 bits of HMAC-SHA-256 of the value, and 32 bits that only the key's holder
 * can make of these. So a masked text can be masked again, while what a client writes in a token's form is masked.
 */
export class TokenMaker {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: TokenKey;

  /** @param keys The first makes tokens; at least one. */
  constructor(keys: readonly TokenKey[]) {
    this.current = keys[0]!;
    this.keys = new Map(keys.map((key) => [key.id, key.secret]));
  }

  /** @param value Any text; the same one gives the same token wherever it stands. */
  tokenOf(value: string): string {
    const { id, secret } = this.current;
    const digits = createHmac('sha256', secret).update('value:').update(value).digest('hex').slice(0, VALUE_DIGITS);
    return `?${id}:${digits}${check(secret, digits)}`;
  }

  /** Whether one of the keys made this token. */
  isOwn(token: string): boolean {
    const colon = token.indexOf(':');
    const secret = this.keys.get(token.slice(1, colon));
    if (secret === undefined) return false;
    const digits = token.slice(colon + 1, colon + 1 + VALUE_DIGITS);
    return check(secret, digits) === token.slice(colon + 1 + VALUE_DIGITS);
  }
}

function check(secret: Buffer, digits: string): string {
  return createHmac('sha256', secret).update('check:').update(digits).digest('hex').slice(0, CHECK_DIGITS);
}
