import { SqltrailError } from '../../runtime/errors.ts';

/** Where the audit trail is kept: an embedded engine on a directory, or a ClickHouse server. */
export type StoreTarget = { readonly kind: 'embedded'; readonly directory: string } | ServerTarget;

export interface ServerTarget {
  readonly kind: 'server';
  /** `http(s)://HOST:PORT[/DATABASE]`, without user and password. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** For https with a CA of one's own; absent: the CAs that Node knows. */
  readonly tls?: TlsFiles;
  /** An insert without an answer is tried again after so long. Default 60,000 ms. */
  readonly insertTimeoutMs?: number;
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly caFile: string;
  /** The client's own, with its key. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

export const DEFAULT_STORE_DIRECTORY = './sqltrail-data';

/**
 * The store that a command line means.
 *
 * @param url `--clickhouse-url`, as `http(s)://HOST:PORT[/DATABASE]`; its user and password may be in it or in the
 *   environment (CLICKHOUSE_USER, CLICKHOUSE_PASSWORD), which wins.
 * @throws SqltrailError `usage` where both are given or the URL is none.
 */
export function storeTarget(
  options: { readonly store?: string | undefined; readonly clickhouseUrl?: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): StoreTarget {
  if (options.clickhouseUrl === undefined)
    return { kind: 'embedded', directory: options.store ?? DEFAULT_STORE_DIRECTORY };
  if (options.store !== undefined) {
    throw new SqltrailError('usage', 'Both --store and --clickhouse-url are given.', 'Give one of them.');
  }
  const url = parseUrl(options.clickhouseUrl);
  const user = environment['CLICKHOUSE_USER'] ?? (decodeURIComponent(url.username) || 'default');
  const password = environment['CLICKHOUSE_PASSWORD'] ?? decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  return { kind: 'server', url: url.href, user, password };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SqltrailError(
      'usage',
      'The value of --clickhouse-url is no http:// or https:// address.',
      'Write it like http://localhost:8123 or https://host:8443/database.',
    );
  }
  return url;
}
