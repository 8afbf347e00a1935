import type { ServerTarget } from '../../processors/store/store-target.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from './config-schema.ts';

/**
 * The ClickHouse server that a configuration names. User and password may be part of its address, where the settings do not
 * give others.
 *
 * @throws SqltrailError `config_invalid` where none is named.
 */
export function clickhouseTarget({ clickhouse }: Config): ServerTarget {
  if (clickhouse.url === undefined)
    throw new SqltrailError(
      'config_invalid',
      'No ClickHouse server is named.',
      'Give --clickhouse-url URL, CLICKHOUSE_URL, or clickhouse.url in the file of --config.',
    );
  const url = new URL(clickhouse.url);
  const user = clickhouse.user ?? (decodeUserInfo(url.username) || 'default');
  const password = clickhouse.password ?? decodeUserInfo(url.password);
  url.username = '';
  url.password = '';
  const { ca_file: caFile, cert_file: certFile, key_file: keyFile } = clickhouse.tls;
  return {
    kind: 'server',
    url: url.href,
    user,
    password,
    insertTimeoutMs: clickhouse.insert_timeout_ms,
    ...(caFile !== undefined && {
      tls: { caFile, ...(certFile !== undefined && { certFile }), ...(keyFile !== undefined && { keyFile }) },
    }),
  };
}

/** `%` may stand for itself in a password that nobody encoded. */
function decodeUserInfo(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
