import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureText } from '../../../../processors/alert/alert-sink.ts';
import { MailSink } from '../../../../processors/alert/sinks/mail-sink.ts';
import { SmtpServer } from '../../../support/smtp-server.ts';
import { HOSTILE, madeAlert } from '../made-alert.ts';
import { closeReceivers, failureOf, HOST, madeCertificate, NEVER } from './receivers.ts';

let tls: ReturnType<typeof madeCertificate>;
beforeAll(() => {
  tls = madeCertificate();
});
afterEach(closeReceivers);

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
    const server = await SmtpServer.start({ ...tls, login });
    const sink = new MailSink({ ...options, port: server.port, encryption: 'starttls', ca: tls.cert, login });
    await sink.send(madeAlert(), NEVER);
    const wrong = new MailSink({
      ...options,
      port: server.port,
      encryption: 'starttls',
      ca: tls.cert,
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
