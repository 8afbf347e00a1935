import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { alertSink } from '../../../cli/config/alert-sink.ts';
import { loadConfig } from '../../../cli/config/load-config.ts';
import { AlertmanagerSink } from '../../../processors/alert/sinks/alertmanager-sink.ts';
import { MailSink } from '../../../processors/alert/sinks/mail-sink.ts';
import { SlackSink } from '../../../processors/alert/sinks/slack-sink.ts';
import { StdoutSink } from '../../../processors/alert/sinks/stdout-sink.ts';
import { SyslogSink } from '../../../processors/alert/sinks/syslog-sink.ts';
import { WebhookSink } from '../../../processors/alert/sinks/webhook-sink.ts';

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-sink-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const problem = (sinks: unknown): string => {
  try {
    loadConfig(undefined, { SQLTRAIL_ALERTS__SINKS: JSON.stringify(sinks) });
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
};

const MAIL = { kind: 'mail', host: 'mx', from: 'a@example.org', to: ['b@example.org'] };

describe('alert sinks of a configuration', () => {
  it('are made by their kind, with what files hold', () => {
    const [url, secret] = [file('url', 'https://hooks.example/T/B/x\n'), file('secret', 's3cret\n')];
    const config = file(
      'sqltrail.yml',
      `alerts:
  sinks:
    - {name: a, kind: webhook, url: "http://h/", secret_file: ${secret}}
    - {name: b, kind: slack, url_file: ${url}, minimum_level: high}
    - {name: c, kind: alertmanager, url: "http://am:9093"}
    - {name: d, kind: syslog, host: siem}
    - {name: e, kind: mail, host: mx, from: a@example.org, to: [b@example.org], user: u, password_file: ${secret}}
    - {name: f, kind: stdout}
`,
    );
    const { alerts } = loadConfig(config, {});
    const warnings: string[] = [];
    const sinks = alerts.sinks.map((settings, i) =>
      alertSink(settings, `alerts.sinks[${i}]`, (each) => warnings.push(each)),
    );
    expect(sinks.map((sink) => sink.constructor)).toEqual([
      WebhookSink,
      SlackSink,
      AlertmanagerSink,
      SyslogSink,
      MailSink,
      StdoutSink,
    ]);
    expect(warnings).toEqual([]);
    expect(alerts.sinks[3]).toMatchObject({ protocol: 'tls', port: 6514, facility: 13 });
  });

  it.each([
    [
      'a kind that is not there',
      [{ name: 'a', kind: 'pager' }],
      'alerts.sinks[0].kind) must be one of: webhook, slack',
    ],
    ['an unknown key', [{ name: 'a', kind: 'stdout', url: 'http://h/' }], 'alerts.sinks[0].url) is not known'],
    [
      'a webhook without an address',
      [{ name: 'a', kind: 'webhook' }],
      'alerts.sinks[0].url) or url_file must be given',
    ],
    ['an address of another kind', [{ name: 'a', kind: 'webhook', url: 'ftp://h/' }], 'must be an address like'],
    [
      'an address with a password',
      [{ name: 'a', kind: 'webhook', url: 'https://u:p@h/' }],
      'alerts.sinks[0].url) must not hold a password',
    ],
    [
      'a password without a user',
      [{ name: 'a', kind: 'mail', host: 'h', from: 'a@b', to: ['c@d'], password_file: '/x' }],
      'belong together',
    ],
    [
      'a recipient with a line break',
      [{ name: 'a', kind: 'mail', host: 'h', from: 'a@b', to: ['c@d\nBcc: e@f'] }],
      'must be a plain mail address',
    ],
    [
      'two of a name',
      [
        { name: 'a', kind: 'stdout' },
        { name: 'a', kind: 'stdout' },
      ],
      'names of sinks must differ',
    ],
    ['a name that is none', [{ name: 'A b', kind: 'stdout' }], 'must be up to 32 lower-case letters'],
  ])('with %s are an error that says where', (_, sinks, words) => {
    expect(problem(sinks)).toContain(words);
  });

  it.each([
    [{ kind: 'webhook', url: 'http://h/', authorization_file: '' }, 'The header Authorization of alerts.sinks[0]'],
    [
      { kind: 'alertmanager', url: 'http://h:9093', authorization_file: '' },
      'The header Authorization of alerts.sinks[0]',
    ],
    [{ kind: 'slack', url_file: 'http://hooks.example/T/B/x' }, 'The secret address of alerts.sinks[0]'],
    [{ ...MAIL, encryption: 'none', user: 'u', password_file: '' }, 'The password of alerts.sinks[0]'],
    [{ kind: 'webhook', url: 'http://h/' }, null],
    [{ kind: 'webhook', url: 'https://h/', authorization_file: '' }, null],
    [{ kind: 'alertmanager', url: 'http://127.0.0.1:9093', authorization_file: '' }, null],
    [{ kind: 'alertmanager', url: 'http://[::1]:9093', authorization_file: '' }, null],
    [{ kind: 'slack', url_file: 'https://hooks.example/T/B/x' }, null],
    [{ ...MAIL, user: 'u', password_file: '' }, null],
    [{ ...MAIL, encryption: 'none' }, null],
  ])('as %j are warned about where their secret is sent in the clear', (sink: object, words) => {
    const files = Object.entries(sink).filter(([key]) => key.endsWith('_file'));
    const written = files.map(([key, text]) => [key, file(key, `${text || 's3cret'}\n`)]);
    const settings = [{ name: 'a', ...sink, ...Object.fromEntries(written) }];
    const { alerts } = loadConfig(undefined, { SQLTRAIL_ALERTS__SINKS: JSON.stringify(settings) });
    const warnings: string[] = [];
    alertSink(alerts.sinks[0]!, 'alerts.sinks[0]', (each) => warnings.push(each));
    expect(warnings).toEqual(
      words === null ? [] : [expect.stringContaining(`${words} crosses the network in the clear`)],
    );
  });

  it('whose file is missing, empty or no address are an error that names it', () => {
    const config = (sink: object) =>
      loadConfig(undefined, { SQLTRAIL_ALERTS__SINKS: JSON.stringify([sink]) }).alerts.sinks[0]!;
    const open = (sink: object) => () => alertSink(config(sink), 'alerts.sinks[0]', () => {});
    const empty = file('empty', '\n');
    const missing = join(directory, 'missing');
    expect(open({ name: 'a', kind: 'slack', url_file: missing })).toThrow(/missing/);
    expect(open({ name: 'a', kind: 'slack', url_file: empty })).toThrow(/empty/);
    expect(open({ name: 'a', kind: 'slack', url_file: file('word', 'hello') })).toThrow('holds no address');
    expect(open({ name: 'a', kind: 'syslog', host: 'h', ca_file: empty })).toThrow('alerts.sinks[0].ca_file');
  });
});
