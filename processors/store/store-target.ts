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
  /** An insert without an answer is tried again after so long. Default 30,000 ms. */
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
