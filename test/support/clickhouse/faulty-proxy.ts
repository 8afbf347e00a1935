import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { statusOf } from './exception-status.ts';
import type { Fault, FaultPlan } from './fault.ts';

/** Hands requests on to a ClickHouse server, and lets go wrong what it is told. Its port stays its own while it is away. */
export class FaultyProxy {
  readonly counters = { requests: 0, inserts: 0, faults: 0 };
  #target: URL;
  #server: Server | null = null;
  #port = 0;
  #plans: { readonly plan: FaultPlan; left: number }[] = [];

  constructor(target: URL) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Where requests go from now on. */
  set target(target: URL) {
    this.#target = target;
  }

  /** What goes wrong from now on; the first plan that fits a request befalls it. Empty: nothing. */
  plan(...plans: readonly FaultPlan[]): void {
    this.#plans = plans.map((plan) => ({ plan, left: plan.times ?? Number.POSITIVE_INFINITY }));
  }

  /** Opens its port, the same as before. */
  async listen(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer((request, response) => void this.#handle(request, response));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Closes its port and every connection: the server is away. */
  async goAway(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const fault = this.#faultFor(request, body);
      if (fault === null) {
        forward(this.#target, request, body, response, false);
        return;
      }
      this.counters.faults++;
      befall(fault, this.#target, request, body, response);
    } catch {
      response.destroy();
    }
  }

  #faultFor(request: IncomingMessage, body: Buffer): Fault | null {
    const inUrl = new URL(request.url ?? '/', 'http://x').searchParams.get('query');
    const query = inUrl ?? body.subarray(0, 10_000).toString('latin1');
    const isInsert = inUrl !== null && /^\s*INSERT\b/i.test(inUrl);
    this.counters.requests++;
    if (isInsert) this.counters.inserts++;
    for (const entry of this.#plans) {
      const { fault, insertsOnly = true, queryContains = '' } = entry.plan;
      if (entry.left <= 0 || (insertsOnly && !isInsert) || !query.includes(queryContains)) continue;
      if (fault.kind === 'refuse_rows' && !plain(request, body).includes(fault.containing)) continue;
      entry.left--;
      return fault;
    }
    return null;
  }
}

function befall(fault: Fault, target: URL, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  if (fault.kind === 'hang') return;
  if (fault.kind === 'lose_answer') {
    forward(target, request, body, response, true);
    return;
  }
  if (fault.kind === 'status') {
    response.writeHead(fault.status).end('The gateway has no answer.\n');
    return;
  }
  response
    .writeHead(statusOf(fault.code), { 'x-clickhouse-exception-code': String(fault.code) })
    .end(`Code: ${fault.code}. DB::Exception: Refused by plan. (${fault.name}) (version 26.7.2.1)\n`);
}

function forward(
  target: URL,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  isAnswerLost: boolean,
): void {
  const { 'transfer-encoding': _, ...headers } = request.headers;
  const forwarded = httpRequest(
    {
      host: target.hostname,
      port: target.port,
      path: request.url,
      method: request.method,
      headers: { ...headers, host: target.host, 'content-length': body.length },
    },
    (answer) => {
      if (isAnswerLost) {
        answer.resume().once('end', () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    },
  );
  forwarded.once('error', () => response.destroy());
  forwarded.end(body);
}

function plain(request: IncomingMessage, body: Buffer): Buffer {
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
