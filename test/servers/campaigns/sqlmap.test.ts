import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI, parseLines, type Row, startCli } from '../../support/cli.ts';
import { MariaDb } from '../../support/mariadb.ts';
import { ensureInstalled } from '../../support/packages.ts';
import { LeakyShop, shopSchema } from './leaky-shop.ts';
import { runSqlmap, sqlmapPath } from './sqlmap.ts';

const USER = 'shop_app';
const PASSWORD = 'campaign';
const LIMIT_MS = 150_000;
/** Campaigns at a time. */
const AT_ONCE = 2;

interface Campaign {
  readonly title: string;
  readonly path: string;
  readonly args: readonly string[];
}

/** Several techniques, endpoints and disguises; each from an application server of its own. */
const CAMPAIGNS: readonly Campaign[] = [
  { title: 'errors', path: '/item?q=1', args: ['--technique=E', '--current-user'] },
  { title: 'a union', path: '/item?q=1', args: ['--technique=U', '--tables', '-D', 'shop'] },
  { title: 'truth and falsehood', path: '/login?q=c1@example.org', args: ['--technique=B', '--current-db'] },
  { title: 'waiting', path: '/stock?q=1', args: ['--technique=T', '--time-sec=1', '--dbms=mysql', '--level=2'] },
  { title: 'stacked statements', path: '/item?q=1', args: ['--technique=S', '--time-sec=1', '--dbms=mysql'] },
  {
    title: 'a union behind comments',
    path: '/search?q=thing',
    args: ['--technique=U', '--tamper=space2comment', '--current-user', '--dbms=mysql'],
  },
  {
    title: 'truth in other words',
    path: '/search?q=thing',
    args: ['--technique=B', '--tamper=between,randomcase', '--banner', '--dbms=mysql'],
  },
  {
    title: 'errors in version comments',
    path: '/search?q=thing',
    args: ['--technique=E', '--tamper=versionedmorekeywords', '--dbs', '--dbms=mysql'],
  },
  {
    title: 'everything, and the table of customers',
    path: '/item?q=1',
    args: ['--dump', '-T', 'customers', '-D', 'shop', '--dbms=mysql'],
  },
];

function hostOf(campaign: number): string {
  return `127.0.66.${campaign + 1}`;
}

describe('sqlmap against a leaky shop', () => {
  let server: MariaDb;
  let shop: LeakyShop;
  let store: string;
  let events: Row[] = [];
  let findings: Row[] = [];

  beforeAll(async () => {
    ensureInstalled('mariadbd', 'tcpdump');
    sqlmapPath();
    store = mkdtempSync(join(tmpdir(), 'sqltrail-campaigns-'));
    server = await MariaDb.start({ serverArgs: ['--general-log=0'] });
    await server.sql(...shopSchema(USER, PASSWORD));
    shop = await LeakyShop.open(
      server.port,
      USER,
      PASSWORD,
      CAMPAIGNS.map((_, i) => hostOf(i)),
    );
    const cli = startCli([
      'run',
      '-i',
      'lo',
      '--port',
      String(server.port),
      '--capture',
      'tcpdump',
      '--store',
      store,
      '--format',
      'ndjson',
    ]);
    await cli.said('capturing on lo');
    await browse(shop.url);
    const waiting = [...CAMPAIGNS.keys()];
    const work = async () => {
      for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) {
        const { path, args } = CAMPAIGNS[i]!;
        await runSqlmap(`${shop.url}${path}&host=${i}`, args, LIMIT_MS);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await sleep(2_000);
    cli.process.kill('SIGTERM');
    const outcome = await cli.outcome;
    expect(outcome.code, outcome.stderr).toBe(0);
    events = parseLines(outcome.stdout).filter(({ command }) => command === 'query');
    const listed = execFileSync(
      process.execPath,
      [CLI, 'findings', 'list', '--severity', 'medium', '--format', 'ndjson', '--store', store],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    findings = parseLines(listed);
  }, 580_000);

  afterAll(async () => {
    await shop?.close();
    await server?.stop();
    if (store !== undefined) rmSync(store, { recursive: true, force: true });
  });

  it.each(CAMPAIGNS.map(({ title }, i) => [title, i] as const))('is a few findings when it attacks by %s', (_, i) => {
    const own = findings.filter((row) => row['client_address'] === hostOf(i));
    expect(own.length).toBeGreaterThan(0);
    // Of each hour that it touches: injection, and what it was used for.
    const hours = new Set(own.map((row) => row['window_start'])).size;
    expect(own.length).toBeLessThanOrEqual(5 * hours);
    expect(own.map((row) => row['area'])).toContain('sqli');
  });

  it('is found within its first ten statements, in the median', () => {
    const first = CAMPAIGNS.map((_, i) => {
      const statements = events.filter((row) => row['client_address'] === hostOf(i)).sort(byTime);
      // The pages that were looked at before are no part of the campaign.
      const own = statements.filter((row) => String(row['event_time']) > browsedUntil);
      return own.findIndex((row) => ['medium', 'high', 'critical'].includes(String(row['risk_level']))) + 1;
    });
    console.info(
      `first found at statement: ${first.join(', ')} of ${CAMPAIGNS.map((_, i) => events.filter((row) => row['client_address'] === hostOf(i)).length).join(', ')}; findings: ${CAMPAIGNS.map((_, i) => findings.filter((row) => row['client_address'] === hostOf(i)).length).join(', ')}`,
    );
    expect(first.every((n) => n > 0)).toBe(true);
    expect([...first].sort((a, b) => a - b)[Math.floor(first.length / 2)]).toBeLessThanOrEqual(10);
  });

  it('finds nothing in visitors who only look', () => {
    const before = events.filter((row) => String(row['event_time']) <= browsedUntil);
    expect(before.length).toBeGreaterThan(50);
    expect(before.filter((row) => row['risk_level'] !== 'none')).toEqual([]);
  });

  let browsedUntil = '';

  /** Pages as visitors ask for them. */
  async function browse(url: string): Promise<void> {
    for (let i = 0; i < CAMPAIGNS.length; i++) {
      for (const path of [
        '/item?q=7',
        '/search?q=thing',
        '/search?q=rock%20and%20roll',
        '/login?q=c3@example.org',
        '/login?q=nobody',
        '/stock?q=12',
      ])
        await (await fetch(`${url}${path}&host=${i}`)).text();
    }
    await sleep(50);
    browsedUntil = new Date().toISOString().replace('Z', '000Z');
  }
});

function byTime(a: Row, b: Row): number {
  return String(a['event_time']) < String(b['event_time']) ? -1 : 1;
}
