import { createSocket } from 'node:dgram';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { SinkFailure } from '../alert-sink.ts';

export interface SyslogAddress {
  readonly protocol: 'udp' | 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  /** PEM of the authority that signed the collector's certificate; undefined: the system's authorities. */
  readonly ca?: string | undefined;
}

/** Sends messages to a collector. @throws SinkFailure, or an error of the socket. */
export function sendSyslog(address: SyslogAddress, messages: readonly Buffer[], signal: AbortSignal): Promise<void> {
  return address.protocol === 'udp' ? sendDatagrams(address, messages, signal) : sendStream(address, messages, signal);
}

/** RFC 5426: a message a datagram. Whether it arrives nobody knows; only what this host notices is an error. */
async function sendDatagrams({ host, port }: SyslogAddress, messages: readonly Buffer[], signal: AbortSignal) {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      // For all of its life: an answer may be read after the message is sent, and an error that nobody hears ends the process.
      socket.on('error', reject);
      socket.once('connect', resolve);
      // Connected, so that the answer "nobody listens there" comes back as an error.
      socket.connect(port, host);
    });
    for (const message of messages) {
      await new Promise<void>((resolve, reject) => {
        socket.send(message, (error) => (error === null ? resolve() : reject(error)));
      });
    }
  } finally {
    socket.close();
  }
}

/**
 * RFC 6587 with octet counting, and RFC 5425 the same within TLS. These protocols have no answer: a connection for each alert,
 * ended behind it, and the collector's own end of it are the best sign that it has read everything. One that does not end is
 * taken to have read nothing.
 */
function sendStream(address: SyslogAddress, messages: readonly Buffer[], signal: AbortSignal): Promise<void> {
  const frames = messages.flatMap((message) => [Buffer.from(`${message.length} `), message]);
  return new Promise((resolve, reject) => {
    const socket = open(address);
    const onAbort = () => socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    let isSent = false;
    let isEnded = false;
    const fail = (error: unknown) => reject(error);
    socket.once('error', fail);
    socket.once(address.protocol === 'tls' ? 'secureConnect' : 'connect', () => {
      socket.end(Buffer.concat(frames), () => {
        isSent = true;
      });
    });
    // What a collector says is nothing of the protocol, but must be read for its end to be seen.
    socket.resume();
    socket.once('end', () => {
      // An end before everything was sent has nothing to do with it.
      isEnded = isSent;
    });
    socket.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      if (isSent && isEnded) resolve();
      else fail(new SinkFailure('The collector closed the connection before it had read the alert.'));
    });
  });
}

function open({ protocol, host, port, ca }: SyslogAddress): Socket {
  if (protocol === 'tcp') return connect({ host, port });
  // A name is needed to check a certificate by; an address may stand in it too.
  return connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) });
}
