import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { expect } from 'vitest';
import { certificateFor } from '../../../support/kafka-security.ts';

export const HOST = '127.0.0.1';
/** Of an attempt that nobody ends. */
export const NEVER = new AbortController().signal;
export const SOURCE = { facility: 13, host: 'h', processId: 1, version: '0.1.0' };

const closers: (() => void)[] = [];

/** Ends what a test has started. */
export function closeReceivers(): void {
  for (const close of closers.splice(0)) close();
}

/** To be called by `closeReceivers`. */
export function onClose(close: () => void): void {
  closers.push(close);
}

/** PEM of a key and of its certificate for `HOST`, which is its own authority. */
export function madeCertificate(isExpired = false): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sqltrail-sinks-'));
  try {
    const { key, certificate } = certificateFor(folder, isExpired);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Certificate = ReturnType<typeof madeCertificate>;

interface Request {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** @param status What it answers; 0: nothing, for ever. @param tls Without it there is none. */
export async function httpServer(
  status: number,
  headers: Record<string, string> = {},
  tls: Certificate | null = null,
  host = HOST,
) {
  const requests: Request[] = [];
  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url: path } = request;
      requests.push({ method, path, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      if (status !== 0) response.writeHead(status, headers).end('x'.repeat(200_000));
    });
  };
  const server = tls === null ? createServer(listener!) : createHttps(tls, listener!);
  server.listen(0, host);
  await once(server, 'listening');
  onClose(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `${tls === null ? 'http' : 'https'}://${host}:${(server.address() as AddressInfo).port}` };
}

/** What each connection brought, once it was ended. @param tls Without it there is none. */
export async function streamServer(tls: Certificate | null, behaviour: 'reads' | 'resets' | 'hangs' = 'reads') {
  const streams: string[] = [];
  const onSocket = (socket: Socket) => {
    const chunks: Buffer[] = [];
    onClose(() => socket.destroy());
    socket.on('error', () => {});
    if (behaviour === 'resets') socket.resetAndDestroy();
    if (behaviour !== 'reads') return;
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => {
      streams.push(Buffer.concat(chunks).toString('utf8'));
      socket.end();
    });
  };
  const options = { allowHalfOpen: true, pauseOnConnect: behaviour === 'hangs' };
  // What is reset is so before any TLS.
  const server: Server =
    tls !== null && behaviour !== 'resets' ? createTls({ ...tls, ...options }, onSocket) : createTcp(options, onSocket);
  server.listen(0, HOST);
  await once(server, 'listening');
  onClose(() => server.close());
  return { streams, port: (server.address() as AddressInfo).port };
}

/** A server that does what it likes with every connection. */
export async function oddServer(onSocket: (socket: Socket) => void) {
  const open = new Set<Socket>();
  const server = createTcp((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    onSocket(socket);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  onClose(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { open, port: (server.address() as AddressInfo).port };
}

export async function failureOf(sending: Promise<void>): Promise<unknown> {
  return sending.then(
    () => expect.unreachable('it was sent'),
    (error: unknown) => error,
  );
}
