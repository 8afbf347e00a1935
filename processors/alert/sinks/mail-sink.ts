import nodemailer from 'nodemailer';
import type { Alert } from '../../../schemas/alert.ts';
import { type AlertSink, SinkFailure } from '../alert-sink.ts';
import { mailSubject, mailText } from './mail-text.ts';

export interface MailOptions {
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first byte on. `starttls`: or nothing is sent. `none`: in the clear. */
  readonly encryption: 'tls' | 'starttls' | 'none';
  readonly ca?: string | undefined;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  readonly from: string;
  readonly to: readonly string[];
}

const STEP_MS = 10_000;
/** How long a server may take to end its side of a connection. */
const CLOSE_MS = 1_000;

/**
 * One mail an alert and recipient, plain text, by SMTP; its Message-ID is made of the alert's id. A recipient that is not taken
 * holds up the alert, not those who have got it. The only module that imports nodemailer.
 */
export class MailSink implements AlertSink {
  readonly #options: MailOptions;
  /** Who has got the alert that is being sent. */
  #taken: { readonly alertId: string; readonly recipients: Set<string> } = { alertId: '', recipients: new Set() };

  constructor(options: MailOptions) {
    this.#options = options;
  }

  async send(alert: Alert, signal: AbortSignal): Promise<void> {
    if (this.#taken.alertId !== alert.alert_id) this.#taken = { alertId: alert.alert_id, recipients: new Set() };
    const { recipients } = this.#taken;
    let failure: unknown = null;
    for (const recipient of this.#options.to) {
      if (recipients.has(recipient)) continue;
      try {
        await this.#sendTo(recipient, alert, signal);
        recipients.add(recipient);
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== null) throw failure;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #sendTo(recipient: string, alert: Alert, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { host, port, encryption, ca, login, from } = this.#options;
    const transport = nodemailer.createTransport({
      host,
      port,
      secure: encryption === 'tls',
      requireTLS: encryption === 'starttls',
      ignoreTLS: encryption === 'none',
      tls: { ...(ca !== undefined && { ca }) },
      ...(login !== undefined && { auth: { user: login.user, pass: login.password } }),
      connectionTimeout: STEP_MS,
      greetingTimeout: STEP_MS,
      socketTimeout: STEP_MS,
      socketCloseTimeout: CLOSE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.sendMail({
        from,
        to: { name: '', address: recipient },
        subject: mailSubject(alert),
        text: mailText(alert),
        messageId: `<${alert.alert_id}@sqltrail>`,
        date: new Date(alert.time),
        headers: { 'X-Sqltrail-Alert': alert.alert_id, 'Auto-Submitted': 'auto-generated' },
        signal,
      });
    } catch (error) {
      throw answered(error);
    } finally {
      transport.close();
    }
  }
}

/** The server's own words may quote the mail: only its code is told. */
function answered(error: unknown): unknown {
  if (!(error instanceof Error) || !('responseCode' in error) || typeof error.responseCode !== 'number') return error;
  const { responseCode: status } = error;
  // 552 and 554 behind the contents are about them; other refusals are about login, sender or recipients.
  const isRefused = 'command' in error && error.command === 'DATA' && (status === 552 || status === 554);
  return new SinkFailure(`The mail server answered with ${status}.`, { isRefused, cause: error });
}
