import type { Alert } from '../../schemas/alert.ts';

export const SINK_KINDS = ['webhook', 'slack', 'alertmanager', 'syslog', 'mail', 'stdout'] as const;

/** Where alerts go. One delivery at a time; the same alert may come again, with the same id. */
export interface AlertSink {
  /**
   * Resolves once the receiver has taken the alert, as far as its protocol can tell.
   *
   * @param signal Ends the attempt: its time is over, or the process ends.
   * @throws SinkFailure, or whatever a library throws: then it is tried again.
   */
  send(alert: Alert, signal: AbortSignal): Promise<void>;
  /** Closes connections. Nothing is sent afterwards. */
  close(): Promise<void>;
}

/** Why an attempt failed, in a sentence without anything of the alert or of what the receiver answered. */
export class SinkFailure extends Error {
  /** The receiver does not want this very alert: to send it again and again would hold up those behind it. */
  readonly isRefused: boolean;
  /** How long the receiver asks to be left alone; null where it does not. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: { isRefused?: boolean; retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SinkFailure';
    this.isRefused = options.isRefused ?? false;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{2,63}$/;

/** What went wrong, for a log and /readyz: a library's error may quote what it was given, so that only its code is told. */
export function failureText(error: unknown): string {
  if (error instanceof SinkFailure) return error.message;
  if (!(error instanceof Error)) return 'It failed.';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'It did not answer in time.';
  const code = 'code' in error && typeof error.code === 'string' && SYSTEM_CODE.test(error.code) ? error.code : null;
  return code === null ? `It failed (${error.name.slice(0, 64)}).` : `It failed (${code}).`;
}
