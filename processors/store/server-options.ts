import { readFileSync } from 'node:fs';
import { SqltrailError } from '../../runtime/errors.ts';
import type { StoreTarget, TlsFiles } from './store-target.ts';

/** A single answer may take this long: an analyst's query over a year of data does. */
const REQUEST_TIMEOUT_MS = 600_000;

/**
 * What `createClient` is given for a server.
 *
 * @throws SqltrailError `config_invalid` where a file for TLS cannot be read, or a certificate is given without its key or
 *   without a CA.
 */
export function serverOptions(target: StoreTarget & { kind: 'server' }) {
  return {
    url: target.url,
    username: target.user,
    password: target.password,
    application: 'sqltrail',
    request_timeout: REQUEST_TIMEOUT_MS,
    log: { level: 127 },
    ...(target.tls === undefined ? {} : { tls: tlsOf(target.tls) }),
  } as const;
}

function tlsOf({ caFile, certFile, keyFile }: TlsFiles) {
  const ca_cert = read(caFile);
  if (certFile === undefined && keyFile === undefined) return { ca_cert };
  if (certFile === undefined || keyFile === undefined) {
    throw new SqltrailError(
      'config_invalid',
      'For ClickHouse a client certificate is given without its key, or a key without its certificate.',
      'Give both, or neither.',
    );
  }
  return { ca_cert, cert: read(certFile), key: read(keyFile) };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new SqltrailError(
      'config_invalid',
      `The file ${file} for TLS to ClickHouse cannot be read.`,
      'Check its path and its permissions.',
      { cause },
    );
  }
}
