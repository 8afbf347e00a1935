import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as the server took it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | null;
  /** Headers and body as they came. */
  readonly source: string;
}

export interface SmtpBehaviour {
  /** PEM for STARTTLS; without it there is none. */
  readonly key?: string;
  readonly cert?: string;
  readonly login?: { readonly user: string; readonly password: string };
  /** Recipients it does not take. */
  readonly refuses?: ReadonlySet<string>;
  /** What it answers to contents; 0: it takes them. */
  readonly contentStatus?: number;
}

/** A small mail server that keeps what it takes. */
export class SmtpServer {
  readonly mails: TakenMail[] = [];
  readonly #server: SMTPServer;

  private constructor(server: SMTPServer) {
    this.#server = server;
  }

  static async start(behaviour: SmtpBehaviour = {}): Promise<SmtpServer> {
    const { key, cert, login, refuses, contentStatus = 0 } = behaviour;
    const hidden = [...(key === undefined ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])];
    const smtp = new SMTPServer({
      ...(key !== undefined && { key, cert }),
      disabledCommands: hidden,
      authOptional: login === undefined,
      onAuth: (auth, _session, done) => {
        if (auth.username === login?.user && auth.password === login?.password) done(null, { user: auth.username });
        else done(Object.assign(new Error('no'), { responseCode: 535 }));
      },
      onRcptTo: (address, _session, done) => {
        done(refuses?.has(address.address) ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null);
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (contentStatus !== 0) {
            done(Object.assign(new Error('not this'), { responseCode: contentStatus }));
            return;
          }
          const { mailFrom, rcptTo } = session.envelope;
          server.mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            isEncrypted: session.secure === true,
            user: typeof session.user === 'string' ? session.user : null,
            source: Buffer.concat(chunks).toString('utf8'),
          });
          done();
        });
      },
    });
    const server = new SmtpServer(smtp);
    // Clients that break off are part of the tests.
    smtp.on('error', () => {});
    await new Promise<void>((resolve) => {
      smtp.listen(0, '127.0.0.1', () => resolve());
    });
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
