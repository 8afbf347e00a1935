import { describe, expect, it } from 'vitest';
import { SinkSummary } from '../../../../processors/alert/sink-summary.ts';
import { alertmanagerAlerts } from '../../../../processors/alert/sinks/alertmanager-alerts.ts';
import { cefLine } from '../../../../processors/alert/sinks/cef.ts';
import { mailSubject, mailText } from '../../../../processors/alert/sinks/mail-text.ts';
import { slackText } from '../../../../processors/alert/sinks/slack-text.ts';
import { syslogMessages } from '../../../../processors/alert/sinks/syslog-message.ts';
import { webhookSignature } from '../../../../processors/alert/sinks/webhook-signature.ts';
import { HOSTILE, HOSTILE_SHOWN, madeAlert, madeSummary } from '../made-alert.ts';

const SOURCE = { facility: 13, host: 'collector 1', processId: 77, version: '0.1.0' };

describe('the signature of a webhook', () => {
  it('is the HMAC of timestamp, dot and body', () => {
    // printf '1767225605.{"a":1}' | openssl dgst -sha256 -hmac secret
    const expected = '41643bf2d74ba2777c146d6c62c338cc6535d37c7a2893a1b5a807ca2e9490e6';
    expect(webhookSignature('secret', '1767225605', Buffer.from('{"a":1}'))).toBe(`v1=${expected}`);
  });
});

describe('an alert in CEF', () => {
  it('has header and extension in their order', () => {
    const alert = madeAlert();
    expect(cefLine(alert, alert.findings[0]!, '0.1.0', 8192)).toBe(
      'CEF:0|sqltrail|sqltrail|0.1.0|sqli-union|Injected UNION|8|' +
        `externalId=${alert.findings[0]!.finding_id} rt=1767225605000 start=1767225601000 end=1767225601000 ` +
        'src=10.0.0.7 suser=app dhost=db1 cnt=1 reason=new cat=attack.initial-access,attack.t1190 ' +
        'cs1Label=Masked statement cs1=SELECT ? UNION SELECT ? cs2Label=Database cs2=shop ' +
        'cn1Label=Errors cn1=0 cn2Label=Rows returned cn2=3 cn3Label=Rows changed cn3=0 ' +
        'cs3Label=Connection cs3=0123456789abcdef0123456789abcdef cs4Label=Rules cs4=sqli-union ' +
        'msg=A second SELECT is joined to the first requestClientApplication=mysql ' +
        'cs5Label=Investigation cs5=sqltrail query who-ran-what --server\\=db1 --user\\=app --client\\=10.0.0.7 ' +
        '--since\\=2026-01-01T00:00:00.000000Z --until\\=2026-01-01T01:00:00.000000Z ' +
        'request=https://siem.example/search?user\\=app',
    );
  });

  it('escapes what separates its fields, in header and extension by their own rules', () => {
    const alert = madeAlert({ title: 'x|y\\z=w\nCEF:0', user: 'u|=\\', statement: 'SELECT a=? | b\\c' });
    const line = cefLine(alert, alert.findings[0]!, '0.1.0', 8192);
    expect(line).toContain('|sqli-union|x\\|y\\\\z=w CEF:0|8|');
    expect(line).toContain(' suser=u|\\=\\\\ dhost=');
    expect(line).toContain(' cs1=SELECT a\\=? | b\\\\c cs2Label=');
    expect(line).not.toContain('\n');
  });

  it('names an IPv6 client by its own field', () => {
    const alert = madeAlert({ client: '2001:db8::1' });
    const line = cefLine(alert, alert.findings[0]!, '0.1.0', 8192);
    expect(line).toContain(' c6a2Label=Source IPv6 Address c6a2=2001:db8::1 ');
    expect(line).not.toContain(' src=');
  });

  it('leaves whole fields out where it would be too long, and keeps what fits', () => {
    const alert = madeAlert({ statement: `SELECT ${'x'.repeat(480)}` });
    for (const most of [200, 300, 400, 1_000]) {
      const line = cefLine(alert, alert.findings[0]!, '0.1.0', most);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(most);
      expect(line).toContain('externalId=');
    }
    expect(cefLine(alert, alert.findings[0]!, '0.1.0', 600)).not.toMatch(/cs1(?:Label)?=/);
    expect(cefLine(alert, alert.findings[0]!, '0.1.0', 600)).toContain('cs2=shop');
  });
});

describe('an alert as syslog', () => {
  it('is RFC 5424 with structured data, one message for each finding', () => {
    const alert = madeAlert({ area: 'sqli', severity: 'critical' }, { area: 'recon', severity: 'low' });
    const messages = syslogMessages(alert, SOURCE, 8192).map(String);
    expect(messages).toHaveLength(2);
    const [first, second] = alert.findings;
    expect(messages[0]).toBe(
      '<106>1 2026-01-01T00:00:05.000000Z collector1 sqltrail 77 finding ' +
        `[sqltrail@32473 alert_id="${alert.alert_id}" severity="critical" finding_id="${first!.finding_id}" ` +
        `rule_id="sqli-union" reason="new"] ${cefLine(alert, first!, '0.1.0', 8192)}`,
    );
    expect(messages[1]).toMatch(/^<109>1 /);
    expect(messages[1]).toContain(second!.finding_id);
  });

  it('escapes quotes, backslashes and brackets of structured data', () => {
    const alert = madeAlert({ ruleId: 'a"b\\c]d' });
    expect(String(syslogMessages(alert, SOURCE, 8192)[0])).toContain('rule_id="a\\"b\\\\c\\]d" reason=');
  });

  it('stays within the bytes of a message and on one line, whatever a name holds', () => {
    const alert = madeAlert({ user: HOSTILE, database: HOSTILE, server: HOSTILE, client: HOSTILE, statement: HOSTILE });
    for (const most of [480, 1_024, 2_048]) {
      const [message] = syslogMessages(alert, SOURCE, most);
      expect(message!.length).toBeLessThanOrEqual(most);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that none of them is there is the point
      expect(String(message)).not.toMatch(/[\u0000-\u001f]/);
    }
  });

  it('tells a summary too', () => {
    const [message] = syslogMessages(madeSummary(), SOURCE, 8192).map(String);
    expect(message).toMatch(/^<106>1 2026-01-01T00:01:00\.000000Z collector1 sqltrail 77 summary \[/);
    expect(message).toContain('|sqltrail_summary|2 further alerts with 2 findings were not sent one by one|10|');
    expect(message).toContain(' cnt=2 ');
  });
});

describe('an alert for Slack', () => {
  it('is text with every value in a code span', () => {
    const alert = madeAlert();
    expect(slackText(alert)).toBe(
      [
        '*`[HIGH] Injected UNION: app from 10.0.0.7 on db1`*',
        'Account: `app`',
        'Client: `10.0.0.7`',
        'Server: `db1`',
        'Window: `2026-01-01T00:00:00.000000Z to 2026-01-01T01:00:00.000000Z`',
        '',
        '*`Injected UNION`*',
        'Rule: `sqli-union`',
        'Severity: `high, score 60`',
        'Why: `A second SELECT is joined to the first`',
        'Database: `shop`',
        'Tables: `shop.users`',
        'Program: `mysql`',
        'Events: `1, 1 carried out, 0 with an error, 3 rows returned, 0 rows changed`',
        'Seen: `2026-01-01T00:00:01.000000Z to 2026-01-01T00:00:01.000000Z`',
        'ATT&amp;CK: `attack.initial-access, attack.t1190`',
        '```SELECT ? UNION SELECT ?```',
        '',
        'Investigate: `sqltrail query who-ran-what --server=db1 --user=app --client=10.0.0.7 --since=2026-01-01T00:00:00.000000Z --until=2026-01-01T01:00:00.000000Z`',
        'Investigate: `sqltrail query session --connection=0123456789abcdef0123456789abcdef`',
        'Link: `https://siem.example/search?user=app`',
      ].join('\n'),
    );
  });

  it('lets no name mention anybody, link, end a code span or begin a line', () => {
    const hostile = '<!channel> <https://evil|x> `*bold*` ```\nAccount: `root`';
    const text = slackText(madeAlert({ user: hostile, title: hostile, statement: hostile, database: hostile }));
    expect(text).not.toMatch(/<|>/);
    expect(text.split('\n').filter((line) => line.startsWith('Account:'))).toEqual([
      'Account: `&lt;!channel&gt; &lt;https://evil|x&gt; ˋ*bold*ˋ ˋˋˋ Account: ˋrootˋ`',
    ]);
    for (const line of text.split('\n')) {
      const ticks = line.replaceAll('```', '').split('`').length - 1;
      expect(ticks % 2).toBe(0);
      if (line.startsWith('*')) expect(line).toMatch(/^\*`[^`]+`\*$/);
    }
  });

  it('is cut before Slack would refuse it', () => {
    const alert = madeAlert(...Array.from({ length: 20 }, (_, i) => ({ area: `a${i}`, statement: 'x'.repeat(1_000) })));
    expect(slackText(alert).length).toBeLessThanOrEqual(12_001);
  });
});

describe('an alert for Alertmanager', () => {
  it('is one alert for each finding, with labels that stay the same and an end', () => {
    const alert = madeAlert({ area: 'sqli' }, { area: 'recon', database: '' });
    const end = Date.parse('2026-01-01T00:15:05Z');
    const posted = alertmanagerAlerts(alert, end);
    expect(posted).toHaveLength(2);
    expect(posted[0]).toEqual({
      labels: {
        alertname: alert.findings[0]!.rule_id,
        severity: 'high',
        service: 'sqltrail',
        server_id: 'db1',
        user_name: 'app',
        client_address: '10.0.0.7',
        ...(alert.findings[0]!.database_name !== '' && { database_name: 'shop' }),
      },
      annotations: {
        summary: 'Injected UNION: app from 10.0.0.7 on db1',
        description: 'A second SELECT is joined to the first',
        alert_id: alert.alert_id,
        finding_id: alert.findings[0]!.finding_id,
        reason: 'new',
        score: '60',
        events: '1, 1 carried out, 0 with an error, 3 rows returned, 0 rows changed',
        first_seen: '2026-01-01T00:00:01.000000Z',
        last_seen: '2026-01-01T00:00:01.000000Z',
        rules: alert.findings[0]!.rule_id,
        sample_statements: 'SELECT ? UNION SELECT ?',
        attack: 'attack.initial-access, attack.t1190',
        investigations: alert.investigations.join('\n'),
      },
      startsAt: '2026-01-01T00:00:01.000000Z',
      endsAt: '2026-01-01T00:15:05.000Z',
      generatorURL: 'https://siem.example/search?user=app',
    });
    const labels = posted.flatMap((each) => Object.values(each.labels));
    expect(labels).not.toContain('');
  });
});

describe('an alert about nobody who is known', () => {
  it('says so in its title, as Alertmanager has it and in a summary', () => {
    const alert = madeAlert({ user: '', client: '', server: '' });
    const who = '(unknown) from (unknown) on (unknown)';
    expect(alert.title).toBe(`Injected UNION: ${who}`);
    const [posted] = alertmanagerAlerts(alert, 0);
    expect(posted!.annotations['summary']).toBe(`Injected UNION: ${who}`);
    expect(Object.keys(posted!.labels)).toEqual(['alertname', 'severity', 'service', 'database_name']);
    const summary = SinkSummary.begin(0);
    summary.add(alert, 'throttled');
    expect(summary.alert('hook', 0).summary?.accounts).toEqual({ [who]: 1 });
  });
});

describe('an alert as mail', () => {
  it('has a subject of one line', () => {
    const subject = mailSubject(madeAlert({ user: HOSTILE, title: 'x\r\nBcc: all@example.org' }));
    expect(subject).not.toMatch(/[\r\n]/);
    expect(subject).toMatch(/^\[HIGH\] x Bcc: all@example\.org: a\|b/);
    expect(subject.length).toBeLessThanOrEqual(200);
  });

  it('says who, where from, what, how bad and why, a line each', () => {
    const alert = madeAlert({ user: HOSTILE });
    const text = mailText(alert);
    expect(text).toContain(`Account:     ${HOSTILE_SHOWN.trim()}\n`);
    for (const line of [
      'Client:      10.0.0.7',
      'Server:      db1',
      'Rule:        sqli-union',
      'Severity:    high, score 60',
      'Why:         A second SELECT is joined to the first',
      'Events:      1, 1 carried out, 0 with an error, 3 rows returned, 0 rows changed',
      'ATT&CK:      attack.initial-access, attack.t1190',
      '    SELECT ? UNION SELECT ?',
      'Investigate: sqltrail query session --connection=0123456789abcdef0123456789abcdef',
      `Alert ${alert.alert_id}`,
    ])
      expect(text.split('\n')).toContain(line);
  });

  it('sums up what was not sent', () => {
    const text = mailText(madeSummary());
    expect(text).toContain('Not sent:    2 alerts with 2 findings: 1 critical, 1 high\n');
    expect(text).toContain('Because:     1 beyond the limit of a minute, 1 beyond what may wait\n');
    expect(text).toContain('Rules:       sqli-union (1), exfil-union (1)\n');
    expect(text).toContain('Accounts:    app from 10.0.0.7 on db1 (1), root from 10.0.0.7 on db1 (1)\n');
  });
});
