import type { Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureText } from '../../../../processors/alert/alert-sink.ts';
import { MailSink } from '../../../../processors/alert/sinks/mail-sink.ts';
import { StdoutSink } from '../../../../processors/alert/sinks/stdout-sink.ts';
import { SyslogSink } from '../../../../processors/alert/sinks/syslog-sink.ts';
import { WebhookSink } from '../../../../processors/alert/sinks/webhook-sink.ts';
import { madeAlert } from '../made-alert.ts';
import { closeReceivers, failureOf, HOST, httpServer, madeCertificate, NEVER, oddServer, SOURCE } from './receivers.ts';

/** What a receiver says must not stand in a log: it may be the alert itself. */
const ECHO = 'CANARY-of-the-receiver';
/** A part of a name has 63 characters at most: nobody need be asked. */
const NO_NAME = `${'x'.repeat(64)}.invalid`;
const MEBIBYTE = Buffer.alloc(1024 * 1024, `${ECHO} `);
const TAKEN = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n`;

let tls: ReturnType<typeof madeCertificate>;
beforeAll(() => {
  tls = madeCertificate();
});
afterEach(closeReceivers);

/** Writes for as long as somebody reads. */
function pour(socket: Socket, chunk: Buffer = MEBIBYTE): void {
  while (!socket.destroyed && socket.write(chunk)) {}
  socket.once('drain', () => pour(socket, chunk));
}

/** Answers what was asked, once all of it is there. */
function answering(answer: (socket: Socket) => void) {
  return (socket: Socket) => {
    let asked = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      asked += text;
      if (!asked.endsWith('}')) return;
      asked = '';
      answer(socket);
    });
  };
}

async function closed(open: ReadonlySet<Socket>): Promise<void> {
  while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

function webhook(port: number, scheme = 'http', ca?: string): WebhookSink {
  return new WebhookSink({ url: `${scheme}://${HOST}:${port}/hook`, ca });
}

describe('a receiver of a webhook that takes the alert', () => {
  it.each<readonly [string, (socket: Socket) => void]>([
    ['and never ends its answer', (socket) => socket.write(`${TAKEN}Content-Length: 100\r\n\r\n${ECHO}`)],
    [
      'and answers for ever',
      (socket) => {
        socket.write(`${TAKEN}\r\n`);
        pour(socket);
      },
    ],
    [
      'and announces 10 MB',
      (socket) => {
        socket.write(`${TAKEN}Content-Length: 10485760\r\n\r\n`);
        pour(socket);
      },
    ],
    ['and breaks off', (socket) => socket.end(`${TAKEN}Content-Length: 100\r\n\r\n${ECHO}`)],
  ])('%s has taken it, and its connection is not kept', async (_, answer) => {
    const { open, port } = await oddServer(answering(answer));
    const sink = webhook(port);
    await sink.send(madeAlert(), NEVER);
    await closed(open);
    await sink.send(madeAlert(), NEVER);
    await sink.close();
  });
});

describe('a receiver of a webhook that has not taken the alert', () => {
  it.each<readonly [string, (socket: Socket) => void, RegExp]>([
    ['says no HTTP', (socket) => socket.end(`${ECHO}\r\n\r\n`), /^It failed \(HTTPParserError\)\.$/],
    ['sends bytes', (socket) => socket.end(Buffer.from([0, 255, 22, 3, 1])), /^It failed \(HTTPParserError\)\.$/],
    [
      'sends headers for ever',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nX: ');
        pour(socket);
      },
      /^It failed \(UND_ERR_HEADERS_OVERFLOW\)\.$/,
    ],
    ['closes', (socket) => socket.end(), /^It failed \(UND_ERR_SOCKET\)\.$/],
    ['resets', (socket) => socket.resetAndDestroy(), /^It failed \(ECONNRESET\)\.$/],
    [
      'quotes what it got',
      (socket) => socket.end(`HTTP/1.1 500 ${ECHO}\r\nConnection: close\r\nX-${ECHO}: 1\r\n\r\n${ECHO}`),
      /^The receiver answered with status 500\.$/,
    ],
  ])('because it %s: told by a code', async (_, answer, text) => {
    const { port } = await oddServer(answering(answer));
    const sink = webhook(port);
    expect(failureText(await failureOf(sink.send(madeAlert(), NEVER)))).toMatch(text);
    await sink.close();
  });

  it('because it names another address: nobody is asked there', async () => {
    const other = await httpServer(200);
    for (const status of [301, 302, 303, 307, 308]) {
      const { url } = await httpServer(status, { location: other.url });
      const sink = new WebhookSink({ url });
      expect(failureText(await failureOf(sink.send(madeAlert(), NEVER)))).toBe(
        `The receiver answered with status ${status}.`,
      );
      await sink.close();
    }
    expect(other.requests).toEqual([]);
  });

  it.each([
    ['0', 0],
    ['7', 7_000],
    ['999999', 300_000],
    ['-1', null],
    ['1e9', null],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
    ['7, 8', null],
  ])('and asks for a pause of %s', async (header, retryAfterMs) => {
    const { url } = await httpServer(429, { 'retry-after': header });
    const sink = new WebhookSink({ url });
    expect(await failureOf(sink.send(madeAlert(), NEVER))).toMatchObject({ retryAfterMs });
    await sink.close();
  });

  it('because nobody vouches for it', async () => {
    const expired = madeCertificate(true);
    const plain = await oddServer((socket) => socket.end(`${ECHO}\r\n`));
    const other = await httpServer(200, {}, madeCertificate());
    const late = await httpServer(200, {}, expired);
    const named = await httpServer(200, {}, tls, '127.0.0.2');
    const cases = [
      [`https://${HOST}:${plain.port}`, tls.cert, /^It failed \(ERR_SSL_\w+\)\.$/],
      [other.url, tls.cert, /^It failed \(DEPTH_ZERO_SELF_SIGNED_CERT\)\.$/],
      [late.url, expired.cert, /^It failed \(CERT_HAS_EXPIRED\)\.$/],
      [named.url, tls.cert, /^It failed \(ERR_TLS_CERT_ALTNAME_INVALID\)\.$/],
    ] as const;
    for (const [url, ca, text] of cases) {
      const sink = new WebhookSink({ url, ca });
      expect(failureText(await failureOf(sink.send(madeAlert(), NEVER)))).toMatch(text);
      await sink.close();
    }
    for (const { requests } of [other, late, named]) expect(requests).toEqual([]);
  });
});

describe('a mail server', () => {
  const options = { host: HOST, encryption: 'none', from: 'sqltrail@example.org', to: ['soc@example.org'] } as const;

  it.each<readonly [string, (socket: Socket) => void]>([
    ['says no SMTP', (socket) => socket.end(`${ECHO}\r\n`)],
    ['talks for ever', (socket) => pour(socket)],
    ['talks for ever behind its greeting', (socket) => pour(socket.writable ? greeted(socket) : socket)],
    ['refuses in its own words', (socket) => socket.end(`554 ${ECHO}\r\n`)],
  ])('that %s is a failure by its code, and its connection is not kept', async (_, onSocket) => {
    const { open, port } = await oddServer(onSocket);
    const sink = new MailSink({ ...options, port });
    const text = failureText(await failureOf(sink.send(madeAlert(), AbortSignal.timeout(20_000))));
    expect(text).toMatch(/^(?:It failed \([A-Z]+\)|The mail server answered with \d+)\.$/);
    await closed(open);
  });

  it('that keeps one waiting, a byte at a time, is left when the time is over', async () => {
    const { open, port } = await oddServer((socket) => {
      greeted(socket);
      const timer = setInterval(() => socket.write('2'), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const sink = new MailSink({ ...options, port });
    expect(failureText(await failureOf(sink.send(madeAlert(), AbortSignal.timeout(100))))).toBe(
      'It did not answer in time.',
    );
    await closed(open);
  });
});

function greeted(socket: Socket): Socket {
  socket.write('220 odd ESMTP\r\n');
  return socket;
}

describe('a syslog collector', () => {
  it('that talks for ever is left when the time is over', async () => {
    const { open, port } = await oddServer((socket) => pour(socket));
    const sink = new SyslogSink({ protocol: 'tcp', host: HOST, port, maxBytes: 8192, source: SOURCE });
    expect(failureText(await failureOf(sink.send(madeAlert(), AbortSignal.timeout(100))))).toBe(
      'It did not answer in time.',
    );
    await closed(open);
  });

  it('that nobody knows is a failure by its code, over UDP too', async () => {
    for (const protocol of ['udp', 'tcp', 'tls'] as const) {
      const sink = new SyslogSink({ protocol, host: NO_NAME, port: 9, maxBytes: 8192, source: SOURCE });
      expect(failureText(await failureOf(sink.send(madeAlert(), NEVER)))).toMatch(/^It failed \(ENOTFOUND\)\.$/);
    }
  });
});

describe('a standard output that nobody reads', () => {
  it('is given an alert once, however often it is tried', async () => {
    const waiting: (() => void)[] = [];
    let written = '';
    const sink = new StdoutSink({
      write: (text, done) => {
        written += text;
        waiting.push(() => done());
      },
    });
    const alert = madeAlert();
    const attempts = [sink.send(alert), sink.send(alert), sink.send(alert)];
    for (const done of waiting) done();
    await Promise.all(attempts);
    expect(written.split('\n')).toHaveLength(2);
    const next = sink.send(alert);
    waiting.at(-1)!();
    await next;
    expect(written.split('\n')).toHaveLength(3);
  });
});
