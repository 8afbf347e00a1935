/**
 * What can go wrong in an operation (a file, a store, an interface, the command line), as a closed list.
 * Wire input is never one of these: bytes from the network are counted, not thrown.
 */
export type ErrorCode =
  | 'usage'
  | 'config_invalid'
  | 'capture_unreadable'
  | 'capture_format'
  | 'capture_permission'
  | 'capture_unavailable'
  | 'capture_failed'
  | 'interface_unknown'
  | 'store_unavailable'
  | 'store_permission'
  | 'store_busy'
  | 'store_failed'
  | 'query_unknown'
  | 'query_invalid'
  | 'query_failed'
  | 'bus_unreachable'
  | 'bus_denied'
  | 'bus_failed'
  | 'topic_missing'
  | 'topic_conflict'
  | 'record_too_large'
  | 'record_refused'
  | 'spool_failed'
  | 'http_unavailable'
  | 'rule_failed'
  | 'sink_failed';

/** Codes that mean the caller asked wrongly: exit status 2. Every other code ends with 1. */
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set(['usage', 'config_invalid', 'query_unknown', 'query_invalid']);

/**
 * A failed operation that a person reads. `message` is one clear sentence, `cure` says what to do about it.
 * Neither may hold SQL text, parameters or passwords.
 */
export class SqltrailError extends Error {
  readonly code: ErrorCode;
  readonly cure: string;
  /** True where the same call may succeed later without anyone changing anything. */
  readonly retriable: boolean;

  constructor(code: ErrorCode, message: string, cure: string, options: { cause?: unknown; retriable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SqltrailError';
    this.code = code;
    this.cure = cure;
    this.retriable = options.retriable ?? false;
  }

  /** 2 for bad usage or configuration, 1 for everything else (the command line's contract). */
  get exitCode(): 1 | 2 {
    return USAGE_CODES.has(this.code) ? 2 : 1;
  }
}
