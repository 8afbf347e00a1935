import { SqltrailError } from '../../runtime/errors.ts';
import { readSmallText } from './read-small-file.ts';

const MAX_PEM_BYTES = 1024 * 1024;

/**
 * A certificate or key for TLS.
 *
 * @param key The setting that names the file, for errors.
 * @throws SqltrailError `config_invalid` where it cannot be read or is no PEM.
 */
export function readPem(key: string, path: string): string {
  const { text } = readSmallText(`The file of ${key},`, path, MAX_PEM_BYTES);
  if (text.includes('-----BEGIN ')) return text;
  throw new SqltrailError(
    'config_invalid',
    `The file of ${key}, ${path}, is no PEM file.`,
    'It must hold text that begins with -----BEGIN.',
  );
}
