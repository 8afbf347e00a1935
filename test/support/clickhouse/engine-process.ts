/**
 * A process of its own for the embedded engine, behind ClickHouse's HTTP interface as far as `@clickhouse/client` uses it. Started
 * by `startEngine`; ends with its parent. Arguments: directory, port, `user=password` of those who may ask, grants of the engine's
 * only user (JSON list of GRANT queries without their TO; empty: everything).
 *
 * What a server does and this does not: requests run one after another, all as one user of the engine, and no session outlives
 * its request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { EngineSession } from './engine-session.ts';
import { statusOf } from './exception-status.ts';

const [directory = '', port = '0', login = '', grants = '[]'] = process.argv.slice(2);
const session = new EngineSession(directory, JSON.parse(grants) as string[]);
/** The last request; the next waits for it. */
let last: Promise<void> = Promise.resolve();

const server = createServer((request, response) => {
  void bodyOf(request).then(
    (body) => {
      last = last.then(() => answer(request, body, response));
    },
    () => response.destroy(),
  );
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => end());
process.on('SIGTERM', () => end());

function end(): void {
  server.close();
  server.closeAllConnections();
  void last.then(() => {
    session.close();
    process.exit(0);
  });
}

async function answer(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://engine');
  if (url.pathname === '/ping') {
    response.end('Ok.\n');
    return;
  }
  if (!isKnown(request, url)) {
    const name = loginOf(request, url).name;
    refuse(
      response,
      516,
      `Code: 516. DB::Exception: ${name}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`,
    );
    return;
  }
  try {
    const result = await session.run(url.searchParams, body, request.method !== 'POST');
    response.writeHead(200, {
      'content-type': 'text/plain; charset=UTF-8',
      'x-clickhouse-query-id': url.searchParams.get('query_id') ?? '',
      'x-clickhouse-summary': JSON.stringify({ read_rows: '0', written_rows: '0', result_rows: '0' }),
    });
    response.end(result);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    refuse(response, Number(/Code: (\d+)/.exec(text)?.[1] ?? 1002), text);
  }
}

function refuse(response: ServerResponse, code: number, text: string): void {
  response.writeHead(statusOf(code), { 'x-clickhouse-exception-code': String(code) });
  response.end(`${text} (version 26.7.2.1 (embedded))\n`);
}

function isKnown(request: IncomingMessage, url: URL): boolean {
  const { name, password } = loginOf(request, url);
  return login === '' || login === `${name}=${password}`;
}

function loginOf(request: IncomingMessage, url: URL): { name: string; password: string } {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [name = '', ...rest] = Buffer.from(basic, 'base64').toString().split(':');
    return { name, password: rest.join(':') };
  }
  const { searchParams } = url;
  return {
    name: String(request.headers['x-clickhouse-user'] ?? searchParams.get('user') ?? 'default'),
    password: String(request.headers['x-clickhouse-key'] ?? searchParams.get('password') ?? ''),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
