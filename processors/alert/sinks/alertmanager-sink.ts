import type { Alert } from '../../../schemas/alert.ts';
import type { AlertSink } from '../alert-sink.ts';
import { alertmanagerAlerts } from './alertmanager-alerts.ts';
import { HttpPoster, type HttpTarget } from './http-post.ts';

export interface AlertmanagerOptions extends HttpTarget {
  /** How long an alert is firing without news. */
  readonly resolveAfterMs: number;
}

/** Prometheus Alertmanager, API v2. Its `POST /api/v2/alerts` takes or refuses all alerts of a request. */
export class AlertmanagerSink implements AlertSink {
  readonly #poster: HttpPoster;
  readonly #resolveAfterMs: number;
  readonly #nowMs: () => number;

  /** @param options The URL is Alertmanager's own, with its route prefix and without `/api/v2/alerts`. */
  constructor(options: AlertmanagerOptions, nowMs: () => number = Date.now) {
    this.#poster = new HttpPoster({ ...options, url: `${options.url.replace(/\/+$/, '')}/api/v2/alerts` });
    this.#resolveAfterMs = options.resolveAfterMs;
    this.#nowMs = nowMs;
  }

  async send(alert: Alert, signal: AbortSignal): Promise<void> {
    // From now, not from when it was made: one that waited for an hour would be resolved before anyone saw it.
    const alerts = alertmanagerAlerts(alert, this.#nowMs() + this.#resolveAfterMs);
    await this.#poster.post(Buffer.from(JSON.stringify(alerts)), { 'content-type': 'application/json' }, signal);
  }

  close(): Promise<void> {
    return this.#poster.close();
  }
}
