import type { Alert } from '../../../schemas/alert.ts';
import type { AlertSink } from '../alert-sink.ts';
import { HttpPoster, type HttpTarget } from './http-post.ts';
import { webhookSignature } from './webhook-signature.ts';

export interface WebhookOptions extends HttpTarget {
  /** Of the signature; undefined: bodies are not signed. */
  readonly secret?: string | undefined;
}

/** Posts the alert as JSON (`schemas/alert.ts`); `Idempotency-Key` is its id, and the same in every attempt. */
export class WebhookSink implements AlertSink {
  readonly #poster: HttpPoster;
  readonly #secret: string | undefined;
  readonly #nowMs: () => number;

  constructor(options: WebhookOptions, nowMs: () => number = Date.now) {
    this.#poster = new HttpPoster(options);
    this.#secret = options.secret;
    this.#nowMs = nowMs;
  }

  async send(alert: Alert, signal: AbortSignal): Promise<void> {
    const body = Buffer.from(JSON.stringify(alert));
    const timestamp = String(Math.floor(this.#nowMs() / 1000));
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': alert.alert_id,
      'x-sqltrail-timestamp': timestamp,
      ...(this.#secret !== undefined && { 'x-sqltrail-signature': webhookSignature(this.#secret, timestamp, body) }),
    };
    await this.#poster.post(body, headers, signal);
  }

  close(): Promise<void> {
    return this.#poster.close();
  }
}
