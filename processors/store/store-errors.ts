import { SqltrailError } from '../../runtime/errors.ts';

/** ClickHouse codes that a second attempt may cure: timeouts, network, too many parts or queries, memory. */
const RETRIABLE_CODES: ReadonlySet<string> = new Set(['159', '202', '209', '210', '241', '242', '252', '425', '999']);
/** Unknown user, wrong password, authentication failed, not enough privileges. */
const DENIED_CODES: ReadonlySet<string> = new Set(['192', '193', '497', '516']);
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

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
  if (/timeout/i.test(messageOf(cause))) {
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
  if (DENIED_CODES.has(cause.code)) {
    return new SqltrailError(
      'store_permission',
      what,
      'Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD and the rights of that user.',
      { cause },
    );
  }
  const cure =
    cause.code === '243' ? 'Free some disk space.' : 'Check the disk, the memory and the rights that ClickHouse has.';
  return new SqltrailError('store_failed', what, cure, { cause, retriable: RETRIABLE_CODES.has(cause.code) });
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
