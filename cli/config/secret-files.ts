import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from './config-schema.ts';
import { readSmallText } from './read-small-file.ts';

const MAX_SECRET_BYTES = 4096;

/**
 * Puts the passwords that files hold into the configuration. One newline at the end of a file is not part of its password.
 *
 * @param warn Told where everyone on the host may read such a file.
 * @throws SqltrailError `config_invalid` naming the file: it is missing, empty, or holds more than a line.
 */
export function readSecretFiles(config: Config, warn: (sentence: string) => void): void {
  for (const section of [config.kafka.sasl, config.clickhouse]) {
    if (section.password_file === undefined) continue;
    section.password = readSecret(section.password_file, warn);
  }
}

/** The one line of a file that holds a secret. @throws SqltrailError `config_invalid`. */
export function readSecret(path: string, warn: (sentence: string) => void): string {
  const { text, isWorldReadable } = readSmallText('The password file', path, MAX_SECRET_BYTES);
  if (isWorldReadable) warn(`Every user of this host may read the password in ${path}: chmod 600 would stop that.`);
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '' && !/\p{Cc}/u.test(secret)) return secret;
  throw new SqltrailError(
    'config_invalid',
    `The password file ${path} ${secret === '' ? 'is empty' : 'holds more than one line of text'}.`,
    'Write the password alone into it.',
  );
}
