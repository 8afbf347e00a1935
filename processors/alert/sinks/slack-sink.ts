import type { Alert } from '../../../schemas/alert.ts';
import type { AlertSink } from '../alert-sink.ts';
import { HttpPoster, type HttpTarget } from './http-post.ts';
import { slackText } from './slack-text.ts';

/** Slack's incoming webhooks, and what speaks like them (Mattermost, Rocket.Chat). The address is the secret. */
export class SlackSink implements AlertSink {
  readonly #poster: HttpPoster;

  constructor(target: HttpTarget) {
    this.#poster = new HttpPoster(target);
  }

  async send(alert: Alert, signal: AbortSignal): Promise<void> {
    const message = { text: slackText(alert), unfurl_links: false, unfurl_media: false };
    await this.#poster.post(Buffer.from(JSON.stringify(message)), { 'content-type': 'application/json' }, signal);
  }

  close(): Promise<void> {
    return this.#poster.close();
  }
}
