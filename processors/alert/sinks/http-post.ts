import { Agent, request } from 'undici';
import { SinkFailure } from '../alert-sink.ts';

/** Where to post, and what makes the connection trusted. */
export interface HttpTarget {
  readonly url: string;
  /** PEM of the authority that signed the receiver's certificate; undefined: the system's authorities. */
  readonly ca?: string | undefined;
  /** Value of the header Authorization. */
  readonly authorization?: string | undefined;
}

/** Answers that are about the body: another attempt with the same one would be answered alike. */
const REFUSED: ReadonlySet<number> = new Set([400, 406, 413, 414, 415, 422]);
const CONNECT_MS = 5_000;
const ANSWER_BYTES = 64 * 1024;
/** How long the rest of an answer is waited for, so that its connection can be used again. */
const ANSWER_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Posts bodies to one address. The only module that imports undici. Follows no redirection: who may read alerts is configured. */
export class HttpPoster {
  readonly #target: HttpTarget;
  readonly #agent: Agent;

  constructor(target: HttpTarget) {
    this.#target = target;
    const { ca } = target;
    this.#agent = new Agent({ connections: 1, connect: { timeout: CONNECT_MS, ...(ca !== undefined && { ca }) } });
  }

  /** Resolves on a status of 2xx. @throws SinkFailure, or an error of the connection. */
  async post(body: Buffer, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    const { url, authorization } = this.#target;
    const {
      statusCode,
      headers: answered,
      body: answer,
    } = await request(url, {
      method: 'POST',
      body,
      headers: { ...headers, 'user-agent': 'sqltrail', ...(authorization !== undefined && { authorization }) },
      dispatcher: this.#agent,
      signal,
    });
    // What is not read would hold the connection; what is very long, or does not end, is cut off with it. The status has said it all.
    await answer.dump({ limit: ANSWER_BYTES, signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => {});
    if (statusCode >= 200 && statusCode < 300) return;
    throw new SinkFailure(`The receiver answered with status ${statusCode}.`, {
      isRefused: REFUSED.has(statusCode),
      retryAfterMs: pauseOf(answered['retry-after']),
    });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** Only in seconds; a date would need the receiver's clock to be right. */
function pauseOf(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string' || !/^\d{1,6}$/.test(header)) return null;
  return Math.min(LONGEST_PAUSE_MS, Number(header) * 1000);
}
