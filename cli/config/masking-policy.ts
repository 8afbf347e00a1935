import { MaskingPolicy } from '../../processors/mask/masking-policy.ts';
import type { TokenKey } from '../../processors/mask/policy-token.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { visibleText } from '../output/visible-text.ts';
import type { Config } from './config-schema.ts';
import { readSmallFile } from './read-small-file.ts';

const MAX_KEY_BYTES = 4096;
const LEAST_KEY_BYTES = 32;

/**
 * What the section `masking` asks for, its key files read; null where it asks for nothing: then everything is masked.
 *
 * @param warn Told where everyone on the host may read a key.
 * @throws SqltrailError `config_invalid` where a key's file cannot be read or holds too little.
 */
export function maskingPolicy(
  { masking }: Config,
  warn: (sentence: string) => void = warnOnStderr,
): MaskingPolicy | null {
  const { keep, tokens, drop } = masking;
  if (keep.length === 0 && tokens.keys.length === 0 && drop.length === 0) return null;
  if (tokens.keys.length === 0) return new MaskingPolicy({ keep, drop });
  const keys = tokens.keys.map(
    ({ id, file }, i): TokenKey => ({ id, secret: readKey(`masking.tokens.keys[${i}].file`, file, warn) }),
  );
  return new MaskingPolicy({ keep, drop, tokens: { ...tokens, keys } });
}

function readKey(setting: string, path: string, warn: (sentence: string) => void): Buffer {
  const { bytes, isWorldReadable } = readSmallFile(`The file of ${setting},`, path, MAX_KEY_BYTES);
  if (isWorldReadable) warn(`Every user of this host may read the key in ${path}: chmod 600 would stop that.`);
  const secret = keyBytes(bytes);
  if (secret.length >= LEAST_KEY_BYTES) return secret;
  throw new SqltrailError(
    'config_invalid',
    `The file of ${setting}, ${visibleText(path)}, holds less than ${LEAST_KEY_BYTES} bytes of key.`,
    'Make one with `openssl rand -hex 32`; hex, base64 and plain bytes are read.',
  );
}

/** The key that a file holds: what is all hex or base64 is taken as such. */
function keyBytes(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').trim();
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  return bytes;
}

function warnOnStderr(sentence: string): void {
  process.stderr.write(`sqltrail: ${visibleText(sentence)}\n`);
}
