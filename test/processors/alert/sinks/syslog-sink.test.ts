import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureText } from '../../../../processors/alert/alert-sink.ts';
import { syslogMessages } from '../../../../processors/alert/sinks/syslog-message.ts';
import { SyslogSink } from '../../../../processors/alert/sinks/syslog-sink.ts';
import { madeAlert } from '../made-alert.ts';
import { closeReceivers, failureOf, HOST, madeCertificate, NEVER, onClose, SOURCE, streamServer } from './receivers.ts';

let tls: ReturnType<typeof madeCertificate>;
beforeAll(() => {
  tls = madeCertificate();
});
afterEach(closeReceivers);

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
    const { streams, port } = await streamServer(isTls ? tls : null);
    const sink = new SyslogSink({ protocol, host: HOST, port, ca: tls.cert, maxBytes: 8192, source: SOURCE });
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
    const { port } = await streamServer(isTls ? tls : null, 'resets');
    const sink = new SyslogSink({ protocol, host: HOST, port, ca: tls.cert, maxBytes: 8192, source: SOURCE });
    expect(await failureOf(sink.send(alert(), NEVER))).toBeInstanceOf(Error);
  });

  it('that does not read has not got it, when the time is over', async () => {
    const { port } = await streamServer(null, 'hangs');
    const sink = new SyslogSink({ protocol: 'tcp', host: HOST, port, maxBytes: 8192, source: SOURCE });
    const attempt = new AbortController();
    const sending = failureOf(sink.send(alert(), attempt.signal));
    setTimeout(() => attempt.abort(), 50);
    expect(failureText(await sending)).toBe('It did not answer in time.');
  });

  it('over TLS must have a certificate of the given authority', async () => {
    const { streams, port } = await streamServer(tls);
    const sink = new SyslogSink({ protocol: 'tls', host: HOST, port, maxBytes: 8192, source: SOURCE });
    expect(failureText(await failureOf(sink.send(alert(), NEVER)))).toMatch(/SELF_SIGNED/);
    expect(streams).toEqual([]);
  });

  it('over UDP gets a datagram for each message', async () => {
    const collector: DatagramSocket = createSocket('udp4');
    onClose(() => collector.close());
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
