import type { Alert } from '../../../schemas/alert.ts';
import type { AlertSink } from '../alert-sink.ts';
import { type SyslogSource, syslogMessages } from './syslog-message.ts';
import { type SyslogAddress, sendSyslog } from './syslog-transport.ts';

export interface SyslogOptions extends SyslogAddress {
  /** Of a message; what does not fit is left out. */
  readonly maxBytes: number;
  readonly source: SyslogSource;
}

/** RFC 5424 messages with CEF in them, one for each finding, to a collector. */
export class SyslogSink implements AlertSink {
  readonly #options: SyslogOptions;

  constructor(options: SyslogOptions) {
    this.#options = options;
  }

  send(alert: Alert, signal: AbortSignal): Promise<void> {
    const { source, maxBytes } = this.#options;
    return sendSyslog(this.#options, syslogMessages(alert, source, maxBytes), signal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
