import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureText, SinkFailure } from '../../../../processors/alert/alert-sink.ts';
import { AlertmanagerSink } from '../../../../processors/alert/sinks/alertmanager-sink.ts';
import { MailSink } from '../../../../processors/alert/sinks/mail-sink.ts';
import { SlackSink } from '../../../../processors/alert/sinks/slack-sink.ts';
import { StdoutSink } from '../../../../processors/alert/sinks/stdout-sink.ts';
import { syslogMessages } from '../../../../processors/alert/sinks/syslog-message.ts';
import { SyslogSink } from '../../../../processors/alert/sinks/syslog-sink.ts';
import { webhookSignature } from '../../../../processors/alert/sinks/webhook-signature.ts';
import { WebhookSink } from '../../../../processors/alert/sinks/webhook-sink.ts';
import { certificateFor } from '../../../support/kafka-security.ts';
import { SmtpServer } from '../../../support/smtp-server.ts';
import { HOSTILE, madeAlert } from '../made-alert.ts';

const HOST = '127.0.0.1';
const NEVER = new AbortController().signal;
const SOURCE = { facility: 13, host: 'h', processId: 1, version: '0.1.0' };

let folder: string;
let key: string;
let cert: string;
const closers: (() => void)[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqltrail-sinks-'));
  const files = certificateFor(folder);
  key = readFileSync(files.key, 'utf8');
  cert = readFileSync(files.certificate, 'utf8');
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Request {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** @param status What it answers; 0: nothing, for ever. */
async function httpServer(status: number, headers: Record<string, string> = {}, isTls = false) {
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
  const server = isTls ? createHttps({ key, cert }, listener!) : createServer(listener!);
  server.listen(0, HOST);
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `${isTls ? 'https' : 'http'}://${HOST}:${(server.address() as AddressInfo).port}` };
}

async function failureOf(sending: Promise<void>): Promise<unknown> {
  return sending.then(
    () => expect.unreachable('it was sent'),
    (error: unknown) => error,
  );
}

describe('a webhook', () => {
  it('gets the alert as JSON, signed, with its id as idempotency key', async () => {
    const { requests, url } = await httpServer(204);
    const sink = new WebhookSink(
      { url: `${url}/hook?a=1`, secret: 's3cret', authorization: 'Bearer t' },
      () => 1_767_225_605_999,
    );
    const alert = madeAlert({ user: HOSTILE });
    await sink.send(alert, NEVER);
    await sink.send(alert, NEVER);
    await sink.close();
    expect(requests).toHaveLength(2);
    for (const { method, path, headers, body } of requests) {
      expect([method, path]).toEqual(['POST', '/hook?a=1']);
      expect(JSON.parse(body)).toEqual(alert);
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'idempotency-key': alert.alert_id,
        'x-sqltrail-timestamp': '1767225605',
        'x-sqltrail-signature': webhookSignature('s3cret', '1767225605', Buffer.from(body)),
        authorization: 'Bearer t',
      });
    }
  });

  it.each([
    [400, true],
    [413, true],
    [422, true],
    [301, false],
    [401, false],
    [404, false],
    [429, false],
    [500, false],
    [503, false],
  ])('that answers %i has not taken it; refused for what it is: %s', async (status, isRefused) => {
    const { url } = await httpServer(status, { location: 'http://127.0.0.1:9/', 'retry-after': '7' });
    const sink = new WebhookSink({ url });
    const failure = await failureOf(sink.send(madeAlert(), NEVER));
    expect(failure).toBeInstanceOf(SinkFailure);
    expect(failure).toMatchObject({ isRefused, retryAfterMs: 7_000 });
    expect(failureText(failure)).toBe(`The receiver answered with status ${status}.`);
    await sink.close();
  });

  it('that never answers is given up when the time is over', async () => {
    const { requests, url } = await httpServer(0);
    const sink = new WebhookSink({ url });
    const attempt = new AbortController();
    const sending = failureOf(sink.send(madeAlert(), attempt.signal));
    while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    attempt.abort();
    expect(failureText(await sending)).toBe('It did not answer in time.');
    await sink.close();
  });

  it('that is not there is a failure by its code', async () => {
    const sink = new WebhookSink({ url: `http://${HOST}:1` });
    expect(failureText(await failureOf(sink.send(madeAlert(), NEVER)))).toBe('It failed (ECONNREFUSED).');
    await sink.close();
  });

  it('behind TLS must have a certificate of the given authority', async () => {
    const { requests, url } = await httpServer(200, {}, true);
    const trusting = new WebhookSink({ url, ca: cert });
    await trusting.send(madeAlert(), NEVER);
    const doubting = new WebhookSink({ url });
    expect(failureText(await failureOf(doubting.send(madeAlert(), NEVER)))).toMatch(/SELF_SIGNED/);
    expect(requests).toHaveLength(1);
    await Promise.all([trusting.close(), doubting.close()]);
  });
});

describe('Slack', () => {
  it('gets one text', async () => {
    const { requests, url } = await httpServer(200);
    const sink = new SlackSink({ url: `${url}/services/T/B/x` });
    await sink.send(madeAlert({ user: '<!here>' }), NEVER);
    await sink.close();
    const message = JSON.parse(requests[0]!.body);
    expect(Object.keys(message)).toEqual(['text', 'unfurl_links', 'unfurl_media']);
    expect(message.text).toContain('`&lt;!here&gt;`');
  });
});

describe('Alertmanager', () => {
  it('gets its alerts below its route prefix, firing from now on', async () => {
    const { requests, url } = await httpServer(200);
    const sink = new AlertmanagerSink({ url: `${url}/am/`, resolveAfterMs: 900_000 }, () =>
      Date.parse('2026-01-01T05:00:00Z'),
    );
    await sink.send(madeAlert({ area: 'sqli' }, { area: 'recon' }), NEVER);
    await sink.close();
    expect(requests[0]!.path).toBe('/am/api/v2/alerts');
    const posted = JSON.parse(requests[0]!.body);
    expect(posted.map((each: { endsAt: string }) => each.endsAt)).toEqual(Array(2).fill('2026-01-01T05:15:00.000Z'));
  });
});

/** What each connection brought, once it was ended. */
async function streamServer(isTls: boolean, behaviour: 'reads' | 'resets' | 'hangs' = 'reads') {
  const streams: string[] = [];
  const onSocket = (socket: import('node:net').Socket) => {
    const chunks: Buffer[] = [];
    closers.push(() => socket.destroy());
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
    isTls && behaviour !== 'resets' ? createTls({ key, cert, ...options }, onSocket) : createTcp(options, onSocket);
  server.listen(0, HOST);
  await once(server, 'listening');
  closers.push(() => server.close());
  return { streams, port: (server.address() as AddressInfo).port };
}

/** RFC 6587, 3.4.1: length, blank, message, and so on. */
function frames(stream: string): string[] {
  const messages: string[] = [];
  let rest = Buffer.from(stream);
  while (rest.length > 0) {
    const blank = rest.indexOf(' ');
    const length = Number(rest.toString('latin1', 0, blank));
    expect(Number.isInteger(length)).toBe(true);
    expect(rest.length).toBeGreaterThanOrEqual(blank + 1 + length);
    messages.push(rest.toString('utf8', blank + 1, blank + 1 + length));
    rest = rest.subarray(blank + 1 + length);
  }
  return messages;
}

describe('a syslog collector', () => {
  const alert = () => madeAlert({ area: 'sqli', user: 'größe €' }, { area: 'recon', user: 'größe €' });

  it.each([
    ['tcp', false],
    ['tls', true],
  ] as const)('over %s gets every message with its length in front', async (protocol, isTls) => {
    const { streams, port } = await streamServer(isTls);
    const sink = new SyslogSink({ protocol, host: HOST, port, ca: cert, maxBytes: 8192, source: SOURCE });
    await sink.send(alert(), NEVER);
    await sink.send(alert(), NEVER);
    const messages = syslogMessages(alert(), SOURCE, 8192).map(String);
    expect(streams.map(frames)).toEqual([messages, messages]);
    await sink.close();
  });

  it.each([
    ['tcp', false],
    ['tls', true],
  ] as const)('over %s that breaks off has not got it', async (protocol, isTls) => {
    const { port } = await streamServer(isTls, 'resets');
    const sink = new SyslogSink({ protocol, host: HOST, port, ca: cert, maxBytes: 8192, source: SOURCE });
    expect(await failureOf(sink.send(alert(), NEVER))).toBeInstanceOf(Error);
  });

  it('that does not read has not got it, when the time is over', async () => {
    const { port } = await streamServer(false, 'hangs');
    const sink = new SyslogSink({ protocol: 'tcp', host: HOST, port, maxBytes: 8192, source: SOURCE });
    const attempt = new AbortController();
    const sending = failureOf(sink.send(alert(), attempt.signal));
    setTimeout(() => attempt.abort(), 50);
    expect(failureText(await sending)).toBe('It did not answer in time.');
  });

  it('over TLS must have a certificate of the given authority', async () => {
    const { streams, port } = await streamServer(true);
    const sink = new SyslogSink({ protocol: 'tls', host: HOST, port, maxBytes: 8192, source: SOURCE });
    expect(failureText(await failureOf(sink.send(alert(), NEVER)))).toMatch(/SELF_SIGNED/);
    expect(streams).toEqual([]);
  });

  it('over UDP gets a datagram for each message', async () => {
    const collector: DatagramSocket = createSocket('udp4');
    closers.push(() => collector.close());
    const received: string[] = [];
    collector.on('message', (message) => received.push(String(message)));
    collector.bind(0, HOST);
    await once(collector, 'listening');
    const { port } = collector.address();
    const sink = new SyslogSink({ protocol: 'udp', host: HOST, port, maxBytes: 2048, source: SOURCE });
    await sink.send(alert(), NEVER);
    while (received.length < 2) await once(collector, 'message');
    expect(received).toEqual(syslogMessages(alert(), SOURCE, 2048).map(String));
  });
});

describe('mail', () => {
  const options = { host: HOST, encryption: 'none', from: 'sqltrail@example.org', to: ['soc@example.org'] } as const;

  it('is one plain text with the id of the alert, and no header of an attacker', async () => {
    const server = await SmtpServer.start();
    const sink = new MailSink({ ...options, port: server.port });
    const alert = madeAlert({ title: 'x\r\nBcc: evil@example.org\r\n\r\n<b>', user: HOSTILE });
    await sink.send(alert, NEVER);
    await server.stop();
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: options.from, to: options.to, isEncrypted: false });
    const [head, ...body] = mail!.source.split('\r\n\r\n');
    const names = head!
      .split('\r\n')
      .filter((line) => !/^\s/.test(line))
      .map((line) => line.split(':', 1)[0]);
    expect(names.sort()).toEqual([
      'Auto-Submitted',
      'Content-Transfer-Encoding',
      'Content-Type',
      'Date',
      'From',
      'MIME-Version',
      'Message-ID',
      'Subject',
      'To',
      'X-Sqltrail-Alert',
    ]);
    expect(head).toContain(`Message-ID: <${alert.alert_id}@sqltrail>`);
    expect(head).toContain('Content-Type: text/plain; charset=utf-8');
    expect(body.join('\n\n')).toContain(alert.alert_id);
  });

  it('is encrypted and logged in where it must be', async () => {
    const login = { user: 'alerts', password: 'pw' };
    const server = await SmtpServer.start({ key, cert, login });
    const sink = new MailSink({ ...options, port: server.port, encryption: 'starttls', ca: cert, login });
    await sink.send(madeAlert(), NEVER);
    const wrong = new MailSink({
      ...options,
      port: server.port,
      encryption: 'starttls',
      ca: cert,
      login: { ...login, password: 'x' },
    });
    expect(failureText(await failureOf(wrong.send(madeAlert(), NEVER)))).toBe('The mail server answered with 535.');
    const doubting = new MailSink({ ...options, port: server.port, encryption: 'starttls', login });
    expect(await failureOf(doubting.send(madeAlert(), NEVER))).toBeInstanceOf(Error);
    await server.stop();
    expect(server.mails).toMatchObject([{ isEncrypted: true, user: 'alerts' }]);
  });

  it('is not sent in the clear where it must be encrypted', async () => {
    const server = await SmtpServer.start();
    const sink = new MailSink({ ...options, port: server.port, encryption: 'starttls' });
    expect(await failureOf(sink.send(madeAlert(), NEVER))).toBeInstanceOf(Error);
    await server.stop();
    expect(server.mails).toEqual([]);
  });

  it('goes once to those who take it, while another is not taken', async () => {
    const refuses = new Set(['b@example.org']);
    const server = await SmtpServer.start({ refuses });
    const sink = new MailSink({
      ...options,
      port: server.port,
      to: ['a@example.org', 'b@example.org', 'c@example.org'],
    });
    const alert = madeAlert();
    expect(failureText(await failureOf(sink.send(alert, NEVER)))).toBe('The mail server answered with 550.');
    refuses.clear();
    await sink.send(alert, NEVER);
    await server.stop();
    expect(server.mails.flatMap(({ to }) => to)).toEqual(['a@example.org', 'c@example.org', 'b@example.org']);
  });

  it('whose contents are refused is refused for what it is', async () => {
    const server = await SmtpServer.start({ contentStatus: 554 });
    const sink = new MailSink({ ...options, port: server.port });
    expect(await failureOf(sink.send(madeAlert(), NEVER))).toMatchObject({ isRefused: true });
    await server.stop();
  });
});

describe('standard output', () => {
  it('gets one line of JSON', async () => {
    let written = '';
    const output = {
      write: (text: string, done: () => void) => {
        written += text;
        done();
      },
    };
    const alert = madeAlert({ user: HOSTILE });
    await new StdoutSink(output).send(alert);
    expect(written.split('\n')).toHaveLength(2);
    expect(JSON.parse(written)).toEqual(alert);
  });
});
