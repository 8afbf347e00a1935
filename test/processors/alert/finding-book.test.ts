import { describe, expect, it } from 'vitest';
import type { AlertRules } from '../../../processors/alert/alert-rules.ts';
import { FindingBook } from '../../../processors/alert/finding-book.ts';
import { alertSchema } from '../../../schemas/alert.ts';
import { madeFinding, START_MS } from './made-finding.ts';

const RULES: AlertRules = {
  minimumLevel: 'medium',
  groupWaitMs: 300,
  groupIntervalMs: 60_000,
  urlTemplate: null,
  describeRule: (id) => `What ${id} looks for`,
};
const NOW = START_MS;

describe('the findings that are told', () => {
  it('tells a new one once, after the wait of its group', () => {
    const book = new FindingBook(RULES);
    book.take(madeFinding(), NOW);
    expect(book.due(NOW + 299)).toEqual([]);
    const [alert, ...more] = book.due(NOW + 300);
    expect(more).toEqual([]);
    expect(alertSchema.parse(alert)).toEqual(alert);
    expect(alert).toMatchObject({
      kind: 'finding',
      severity: 'high',
      title: 'Injected UNION: app from 10.0.0.7 on db1',
      user_name: 'app',
      client_address: '10.0.0.7',
      server_id: 'db1',
      findings: [{ reason: 'new', events: 1, rule_description: 'What sqli-union looks for', database_name: 'shop' }],
    });
    book.take(madeFinding({ version: 2, events: 9 }), NOW + 400);
    expect(book.due(NOW + 1e6)).toEqual([]);
  });

  it('adds the parts of all origins, and takes an older part for none', () => {
    const book = new FindingBook(RULES);
    book.take(madeFinding({ origin: 'a', events: 4, version: 7 }), NOW);
    book.take(madeFinding({ origin: 'b', events: 3 }), NOW);
    book.take(madeFinding({ origin: 'a', events: 1, version: 6 }), NOW);
    expect(book.due(NOW + 300)[0]?.findings[0]?.events).toBe(7);
  });

  it('tells again when it becomes graver, and when there are ten times as many events', () => {
    const book = new FindingBook(RULES);
    const reasons = (now: number) => book.due(now).flatMap(({ findings }) => findings.map(({ reason }) => reason));
    book.take(madeFinding({ severity: 'medium', events: 5 }), NOW);
    expect(reasons(NOW + 300)).toEqual(['new']);
    book.take(madeFinding({ severity: 'medium', events: 49, version: 2 }), NOW + 1_000);
    expect(reasons(NOW + 1e6)).toEqual([]);
    book.take(madeFinding({ severity: 'medium', events: 50, version: 3 }), NOW + 1e6);
    expect(reasons(NOW + 1e6 + 300)).toEqual(['count']);
    book.take(madeFinding({ severity: 'critical', events: 60, version: 4 }), NOW + 2e6);
    expect(reasons(NOW + 2e6 + 300)).toEqual(['severity']);
    book.take(madeFinding({ severity: 'critical', events: 599, version: 5 }), NOW + 3e6);
    expect(reasons(NOW + 4e6)).toEqual([]);
    book.take(madeFinding({ severity: 'critical', events: 600, version: 6 }), NOW + 4e6);
    expect(reasons(NOW + 5e6)).toEqual(['count']);
  });

  it('gives each step of a finding an id of its own, and the same step the same', () => {
    const ids = [1, 2].map(() => {
      const book = new FindingBook(RULES);
      book.take(madeFinding({ events: 1 }), NOW);
      const first = book.due(NOW + 300);
      book.take(madeFinding({ events: 10, version: 2 }), NOW + 1e6);
      const second = book.due(NOW + 2e6);
      book.take(madeFinding({ events: 100, version: 3 }), NOW + 3e6);
      return [...first, ...second, ...book.due(NOW + 4e6)].map((alert) => alert.alert_id);
    });
    expect(new Set(ids[0]).size).toBe(3);
    expect(ids[1]).toEqual(ids[0]);
  });

  it('makes one alert of a campaign: one account, client, server and window', () => {
    const book = new FindingBook(RULES);
    book.take(madeFinding({ area: 'recon', severity: 'medium' }), NOW);
    book.take(madeFinding({ area: 'sqli', severity: 'critical' }), NOW + 100);
    book.take(madeFinding({ area: 'sqli', client: '10.0.0.8' }), NOW + 100);
    expect(book.due(NOW + 300).map(({ findings }) => findings.map(({ area }) => area))).toEqual([['sqli', 'recon']]);
    expect(book.due(NOW + 400).map(({ client_address: client }) => client)).toEqual(['10.0.0.8']);
  });

  it('gathers what a campaign adds later, unless it is graver', () => {
    const book = new FindingBook(RULES);
    book.take(madeFinding({ area: 'sqli' }), NOW);
    expect(book.due(NOW + 300)).toHaveLength(1);
    book.take(madeFinding({ area: 'recon' }), NOW + 1_000);
    book.take(madeFinding({ area: 'exfil' }), NOW + 5_000);
    expect(book.due(NOW + 60_299)).toEqual([]);
    expect(book.due(NOW + 60_300).map(({ findings }) => findings.length)).toEqual([2]);
    book.take(madeFinding({ area: 'destroy', severity: 'critical' }), NOW + 61_000);
    expect(book.due(NOW + 61_300)).toHaveLength(1);
  });

  it('tells nothing below the least level, and nothing that was taken back', () => {
    const book = new FindingBook(RULES);
    book.take(madeFinding({ severity: 'low' }), NOW);
    book.take(madeFinding({ area: 'recon' }), NOW);
    book.take(madeFinding({ area: 'recon', events: 0, version: 2 }), NOW + 100);
    expect(book.due(NOW + 1e6)).toEqual([]);
  });

  it('divides a campaign of very many findings', () => {
    const book = new FindingBook(RULES);
    for (let i = 0; i < 45; i++) book.take(madeFinding({ area: `area${i}` }), NOW);
    const alerts = book.due(NOW + 300);
    expect(alerts.map(({ findings }) => findings.length)).toEqual([20, 20, 5]);
    expect(new Set(alerts.flatMap(({ findings }) => findings.map(({ area }) => area))).size).toBe(45);
  });

  it('forgets at its bound those that changed least recently, and tells before what still waits', () => {
    const book = new FindingBook(RULES, 10);
    for (let i = 0; i < 30; i++) book.take(madeFinding({ client: `10.0.1.${i}` }), NOW + i);
    expect(book.size).toBe(10);
    expect(book.due(NOW + 50)).toHaveLength(20);
    expect(book.due(NOW + 1_000)).toHaveLength(10);
    expect([...book.takeChanged().values()].filter((text) => text === null)).toHaveLength(20);
  });

  it('goes on from what it wrote down', () => {
    const book = new FindingBook(RULES);
    book.take(madeFinding({ area: 'sqli', origin: 'a' }), NOW);
    book.due(NOW + 300);
    book.take(madeFinding({ area: 'recon', severity: 'low' }), NOW + 400);
    const texts = [...book.takeChanged().values()];
    const other = new FindingBook(RULES);
    expect(texts.map((text) => other.restore(text!, NOW + 500))).toEqual([true, true]);
    expect(other.restore('{"told":null,"parts":[]}', NOW)).toBe(false);
    expect(other.due(NOW + 1e6)).toEqual([]);
    other.take(madeFinding({ area: 'sqli', origin: 'b', events: 9 }), NOW + 1e6);
    expect(other.due(NOW + 2e6)[0]?.findings).toMatchObject([{ reason: 'count', events: 10 }]);
  });

  it('shows nothing that could forge lines or hide text, and quotes a name for the shell', () => {
    const book = new FindingBook({
      ...RULES,
      urlTemplate: 'https://siem.example/?u={user_name}&f={finding_id}&x={nope}',
    });
    const user = "o'neil; rm -rf ~\n\u202eevil\u001b[2J";
    book.take(madeFinding({ user, statement: 'SELECT ?\n  FROM\tt' }), NOW);
    const [alert] = book.due(NOW + 300);
    expect(alert?.user_name).toBe("o'neil; rm -rf ~ \ufffdevil\ufffd[2J");
    expect(alert?.findings[0]?.samples[0]?.statement_masked).toBe('SELECT ? FROM t');
    expect(alert?.investigations[0]).toContain(`--user='o'\\''neil; rm -rf ~ \ufffdevil\ufffd[2J'`);
    expect(alert?.investigations[1]).toBe('sqltrail query session --connection=0123456789abcdef0123456789abcdef');
    const id = alert?.findings[0]?.finding_id;
    expect(alert?.url).toBe(`https://siem.example/?u=${encodeURIComponent(alert!.user_name)}&f=${id}&x=`);
  });
});
