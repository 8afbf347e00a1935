import { SqltrailError } from '../../runtime/errors.ts';
import { engineCodeMeaning } from './engine-codes.ts';

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
/** Node's and OpenSSL's names for a certificate or a handshake that is not right. */
const TLS_CODE = /^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * A failure of the store as an error for people. The engine's own message may quote the SQL it was given, so it is kept as
 * the cause and only its code and type are shown.
 *
 * @param doing What failed, as in `Writing the audit events`.
 */
export function storeError(doing: string, cause: unknown): SqltrailError {
  if (cause instanceof SqltrailError) return cause;
  if (isEngineError(cause)) return engineError(doing, cause);
  const code = codeOf(cause);
  if (NETWORK_CODES.has(code)) {
    return new SqltrailError(
      'store_failed',
      `${doing} failed: ClickHouse cannot be reached (${code}).`,
      'Check the address given with --clickhouse-url and that the server is running.',
      { cause, retriable: true },
    );
  }
  if (TLS_CODE.test(code)) {
    return new SqltrailError(
      'store_failed',
      `${doing} failed: the TLS connection to ClickHouse is refused (${code}).`,
      'Check the certificate of the server, its name and date, the CA file given, and that the port speaks https.',
      { cause },
    );
  }
  if (cause instanceof GatewayError) {
    return new SqltrailError(
      'store_failed',
      `${doing} failed: HTTP status ${cause.status} without an answer of ClickHouse.`,
      'Check that the address is that of ClickHouse, and the proxy before it, if there is one.',
      { cause, retriable: cause.status >= 500 || cause.status === 408 || cause.status === 429 },
    );
  }
  if (/timeout|aborted/i.test(messageOf(cause))) {
    return new SqltrailError(
      'store_failed',
      `${doing} failed: ClickHouse did not answer in time.`,
      'Check the load of the server and the network.',
      { cause, retriable: true },
    );
  }
  return new SqltrailError(
    'store_failed',
    `${doing} failed: ${messageOf(cause)}`,
    'Check free disk space, memory and the permissions of the store.',
    { cause },
  );
}

/** An HTTP answer that is none of ClickHouse's. */
export class GatewayError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP status ${status}`);
    this.status = status;
  }
}

/** @returns The engine's code behind an error of `storeError`; empty where it was not the engine that failed. */
export function engineCodeOf(error: unknown): string {
  const cause = error instanceof SqltrailError ? error.cause : error;
  return isEngineError(cause) ? cause.code : '';
}

/** An exception of ClickHouse itself: a numeric code as text, and its name. */
export interface EngineError extends Error {
  readonly code: string;
  readonly type?: string;
}

/** Told by its shape: the client and the embedded engine each have a class of their own for it. */
export function isEngineError(cause: unknown): cause is EngineError {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && /^\d+$/.test(cause.code);
}

function engineError(doing: string, cause: EngineError): SqltrailError {
  const what = `${doing} failed: ClickHouse error ${cause.code}${cause.type === undefined ? '' : ` (${cause.type})`}.`;
  const meaning = engineCodeMeaning(cause.code);
  if (meaning === 'denied') {
    return new SqltrailError(
      'store_permission',
      what,
      'Check the user and password for ClickHouse (CLICKHOUSE_USER, CLICKHOUSE_PASSWORD or the configuration) and the rights of that user.',
      { cause },
    );
  }
  return new SqltrailError('store_failed', what, CURE[cause.code] ?? CURE[meaning] ?? OTHER_CURE, {
    cause,
    retriable: meaning === 'retriable',
  });
}

const OTHER_CURE = 'Check the disk, the memory and the rights that ClickHouse has.';
/** By code, or by what it means. */
const CURE: Readonly<Record<string, string>> = {
  '243': 'Free some disk space.',
  missing: 'Make or update the tables with `sqltrail migrate`, and check the database in the address.',
  refuses_rows:
    'A constraint or a changed column of the table refuses these rows: compare the table with sql/migrations.',
};

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
