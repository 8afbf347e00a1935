import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Conditions } from './conditions.ts';
import { SqltrailError } from './errors.ts';
import type { Metrics } from './metrics.ts';

/** Longest time for a request to arrive and for its answer to be taken. */
const REQUEST_MS = 5000;
const MAX_HEADER_BYTES = 8192;
/** Beyond them connections are closed at once. */
const MAX_CONNECTIONS = 64;
const JSON_TYPE = 'application/json';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Tells orchestrators and Prometheus about a service, over plain HTTP and GET only:
 * - `/livez` 200 as long as the process' event loop turns;
 * - `/readyz` 200 when every condition holds, else 503 with those that do not; in both cases with notes of what else is not well;
 * - `/metrics` in Prometheus' text format.
 *
 * Bounded in connections, header bytes and time, so that nobody can hold the service up through it. It has no login: it tells
 * numbers and names of topics and stages only.
 */
export class HealthServer {
  private readonly server: Server;
  private readonly conditions: Conditions;
  private readonly metrics: Metrics;
  private rendering: Promise<string> | null = null;

  private constructor(conditions: Conditions, metrics: Metrics) {
    this.conditions = conditions;
    this.metrics = metrics;
    this.server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: REQUEST_MS,
      connectionsCheckingInterval: 1000,
    });
    this.server.maxConnections = MAX_CONNECTIONS;
    this.server.maxRequestsPerSocket = 1000;
    this.server.setTimeout(2 * REQUEST_MS, (socket) => socket.destroy());
    this.server.on('request', (request, response) => void this.handle(request, response));
  }

  /**
   * @param port 0: a free one.
   * @throws SqltrailError `http_unavailable` where the address is taken or not this host's.
   */
  static async open(
    address: { readonly host: string; readonly port: number },
    conditions: Conditions,
    metrics: Metrics,
  ): Promise<HealthServer> {
    const health = new HealthServer(conditions, metrics);
    await new Promise<void>((resolve, reject) => {
      health.server.once('error', (cause) => reject(listenError(address, cause)));
      health.server.listen(address.port, address.host, resolve);
    });
    // A connection that cannot be accepted (no file descriptor left) is the caller's loss, not the service's.
    health.server.removeAllListeners('error').on('error', () => {});
    return health;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Closes the port and every connection. Safe to call again. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.answer(request).catch(
      // What a part tells of itself failed: no reason to end the service that does its work.
      () => ({ status: 500, type: JSON_TYPE, body: '{"error":"this could not be found out"}\n' }),
    );
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      ...(status === 405 && { allow: 'GET', connection: 'close' }),
    });
    response.end(body);
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    if (request.method !== 'GET') return { status: 405, type: JSON_TYPE, body: '{"error":"only GET"}\n' };
    switch ((request.url ?? '').split('?', 1)[0]) {
      case '/livez':
        return { status: 200, type: JSON_TYPE, body: '{"live":true}\n' };
      case '/readyz':
        return this.readiness();
      case '/metrics':
        return this.metricsText();
      default:
        return { status: 404, type: JSON_TYPE, body: '{"error":"there are /livez, /readyz and /metrics"}\n' };
    }
  }

  private readiness(): Answer {
    const unmet = this.conditions.unmet();
    const isReady = unmet.length === 0;
    const notes = this.conditions.notes();
    const noted = notes.length === 0 ? {} : { notes };
    const body = JSON.stringify(isReady ? { ready: true, ...noted } : { ready: false, waiting_for: unmet, ...noted });
    return { status: isReady ? 200 : 503, type: JSON_TYPE, body: `${body}\n` };
  }

  private async metricsText(): Promise<Answer> {
    // Those who ask at the same time share one answer.
    this.rendering ??= this.metrics.text().finally(() => {
      this.rendering = null;
    });
    return { status: 200, type: this.metrics.contentType, body: await this.rendering };
  }
}

function listenError({ host, port }: { host: string; port: number }, cause: unknown): SqltrailError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const cure = 'Set http.port and http.host in the configuration; port 0 takes a free one.';
  if (code === 'EADDRINUSE')
    return new SqltrailError(
      'http_unavailable',
      `Port ${port} for health and metrics is in use by another process.`,
      cure,
      { cause },
    );
  if (code === 'EACCES')
    return new SqltrailError('http_unavailable', `Port ${port} for health and metrics is for root only.`, cure, {
      cause,
    });
  return new SqltrailError(
    'http_unavailable',
    `Health and metrics cannot be served on ${host}: it is no address of this host (${code}).`,
    cure,
    { cause },
  );
}
