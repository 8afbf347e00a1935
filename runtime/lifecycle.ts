import { failureFields } from './failure-fields.ts';
import type { Log } from './log.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * How a service ends. The first SIGTERM or SIGINT asks it to finish its work; when that takes longer than the deadline, the
 * process ends with status 1; a second signal ends it at once with 1. A failure that nobody handled is logged and ends it
 * with 1 as well: what was not committed is done again by whoever comes next. SIGHUP ends nothing: where there are rules it reads them
 * again, and it may be sent to all services of a host at once.
 */
export class Lifecycle {
  private readonly log: Log;
  private readonly deadlineMs: number;
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | null = null;

  constructor(log: Log, deadlineMs: number) {
    this.log = log;
    this.deadlineMs = deadlineMs;
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
    process.on('SIGHUP', this.onHangup);
    process.on('uncaughtException', this.onFailure);
    process.on('unhandledRejection', this.onFailure);
  }

  /** Aborted when the service shall finish. */
  get stopSignal(): AbortSignal {
    return this.controller.signal;
  }

  /** Begins the end as a signal does; nothing happens when it has begun. */
  stop(reason: string): void {
    if (this.controller.signal.aborted) return;
    this.log.info('Stopping: the work in hand is finished first.', { reason, deadline_ms: this.deadlineMs });
    this.timer = setTimeout(this.onDeadline, this.deadlineMs);
    this.controller.abort();
  }

  /** The service has ended in order; signals and failures are the process' own again. */
  release(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
    process.off('SIGHUP', this.onHangup);
    process.off('uncaughtException', this.onFailure);
    process.off('unhandledRejection', this.onFailure);
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (!this.controller.signal.aborted) {
      this.stop(signal);
      return;
    }
    this.log.warn('Ended at once by a second signal; work in hand was not finished.', { reason: signal });
    process.exit(1);
  };

  private readonly onHangup = (): void => {
    this.log.info('SIGHUP: rules and suppressions are read again where this service has any. Nothing else is.');
  };

  private readonly onDeadline = (): void => {
    this.log.error('The work in hand was not finished within the deadline. It is done again after the next start.', {
      deadline_ms: this.deadlineMs,
    });
    process.exit(1);
  };

  private readonly onFailure = (failure: unknown): void => {
    this.log.error('The service ends because of a failure that nothing handles.', failureFields(failure));
    process.exit(1);
  };
}
