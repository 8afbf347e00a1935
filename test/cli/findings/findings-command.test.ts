import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findingsCommand } from '../../../cli/findings.ts';
import { Suppressions, suppressionFileSchema } from '../../../processors/detect/suppressions.ts';
import { FindingTotals } from '../../../processors/findings/finding-totals.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { parseYaml } from '../../../runtime/yaml.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { madeRule, madeVerdict } from '../../processors/findings/made-verdicts.ts';
import { hasChdb, temporaryDirectory } from '../../processors/store/chdb.ts';
import { auditEvent, START_US, statementOf } from '../../processors/store/events.ts';

const directory = temporaryDirectory();
const store = join(directory.path, 'a store');
afterAll(() => directory.remove());

/** Runs `sqltrail findings …` on the test store. @returns What it printed. */
async function findings(...args: string[]): Promise<string> {
  let stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text: unknown, ...rest: unknown[]) => {
    stdout += String(text);
    const callback = rest.find((argument) => typeof argument === 'function');
    callback?.();
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    await findingsCommand().parseAsync([...args, '--store', store], { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return stdout;
}

async function listed(...args: string[]): Promise<Record<string, unknown>[]> {
  return JSON.parse(await findings('list', '--format', 'json', ...args));
}

const INJECTED = "SELECT * FROM users WHERE name = ? OR ? = ? -- \u001b[31m' it's";

/** Of the injection, as suppressions see an event. */
const FACTS = {
  timeUs: START_US,
  user: 'app',
  client: '10.0.1.1',
  clientProgram: '',
  digest: '',
  database: 'shop',
};

describe.skipIf(!hasChdb)('sqltrail findings', () => {
  let injection = '';
  const events: AuditEvent[] = [];

  beforeAll(async () => {
    const totals = new FindingTotals((n) => `t/0/${n}`);
    const tautology = madeRule('sqli.tautology', 'high', { tags: ['attack.t1190', 'attack.initial_access'] });
    for (let i = 0; i < 12; i++)
      events.push(
        auditEvent(1, i, { statement: statementOf(INJECTED, ['users']), returnedRows: 3, clientProgram: 'evil\u202e' }),
      );
    for (const event of events) totals.add(event, madeVerdict(tautology, madeRule('sqli.tool_signature', 'critical')));
    totals.add(
      auditEvent(2, 0, { userName: 'dba', databaseName: '' }),
      madeVerdict(madeRule('priv.create_account', 'medium')),
    );
    totals.add(auditEvent(3, 0), madeVerdict(madeRule('sqli.inert_attempt', 'info')));
    const trail = await AuditStore.open({ kind: 'embedded', directory: store });
    for (const part of totals.takeChanges(1).parts.values()) trail.addFinding(part);
    await trail.close();
    injection = String((await listed())[0]!['finding_id']);
  }, 60_000);

  it('lists them, the gravest first, those of no weight only when asked', async () => {
    expect((await listed()).map((row) => [row['rule_id'], row['severity'], row['events'], row['status']])).toEqual([
      ['sqli.tool_signature', 'critical', 12, 'open'],
      ['priv.create_account', 'medium', 1, 'open'],
    ]);
    expect(await listed('--severity', 'info')).toHaveLength(3);
    expect(await listed('--rule', 'sqli.tautology')).toHaveLength(1);
    expect(await listed('--rule', 'sqli.*', '--severity', 'info')).toHaveLength(2);
    expect(await listed('--user', 'dba', '--client', '10.0.1.2')).toHaveLength(1);
    expect(await listed('--since', '2026-01-01T00:00:01Z')).toHaveLength(0);
    expect(await listed('--until', '2025-12-31T23:59:59Z')).toHaveLength(0);
    expect(await listed('--limit', '1')).toHaveLength(1);
    const table = await findings('list');
    expect(table).toContain('Title of sqli.tool_signature (+1)');
    expect(table.split('\n')[0]).toMatch(/^severity +score +last_seen +finding/);
  });

  it('shows one with its samples and what to run next, and nothing that a terminal would act on', async () => {
    const text = await findings('show', injection.slice(0, 8));
    expect(text).toContain('Title of sqli.tool_signature  [critical, score 90, open]');
    expect(text).toContain('12: 12 carried out, 0 refused; 36 rows returned, 0 changed');
    expect(text).toContain('initial access, T1190');
    expect(text).toContain("SELECT * FROM users WHERE name = ? OR ? = ? -- \\u{1b}[31m' it's");
    expect(text).toContain(`sqltrail query session --connection ${'01'.repeat(16)} --store '${store}'`);
    for (const hidden of ['\u001b', '\u202e']) expect(text).not.toContain(hidden);
    const json = JSON.parse(await findings('show', injection, '--format', 'json'));
    expect(json.samples[0].statement_masked).toBe(INJECTED);
  });

  it('keeps what is decided, and who and why', async () => {
    await findings('ack', injection.slice(0, 8), '--reason', "Pentest, it's ours", '--by', "o'neil");
    expect(await listed()).toHaveLength(1);
    expect(await listed('--status', 'acknowledged')).toMatchObject([
      { finding_id: injection, decided_by: "o'neil", reason: "Pentest, it's ours" },
    ]);
    await findings('ack', injection, '--reopen', '--reason', 'Not ours after all');
    expect((await listed())[0]).toMatchObject({ status: 'open', reason: 'Not ours after all' });
  });

  it('writes suppressions that cover what was found, behind those of a file', async () => {
    const path = join(directory.path, 'suppressions.yml');
    writeFileSync(
      path,
      '# ours\nsuppressions:\n  - rules: [priv.create_account]\n    reason: known\n    expires: 2030-01-01',
    );
    await findings(
      'ack',
      injection,
      '--false-positive',
      '--reason',
      'A "report": #1',
      '--suppress',
      path,
      '--expires',
      '2030-12-31',
    );
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith('# ours\n')).toBe(true);
    const file = suppressionFileSchema.parse(parseYaml(text).value);
    expect(file.suppressions[1]).toEqual({
      rules: ['sqli.tautology', 'sqli.tool_signature'],
      user: 'app',
      client: '10.0.1.1',
      database: 'shop',
      reason: 'A "report": #1',
      expires: '2030-12-31',
    });
    const suppressions = new Suppressions(file.suppressions);
    expect(suppressions.covers('sqli.tautology', FACTS)).toBe(true);
    expect(suppressions.covers('sqli.stacked', FACTS)).toBe(false);
    expect(suppressions.covers('sqli.tautology', { ...FACTS, client: '10.0.1.2' })).toBe(false);
    expect((await listed('--status', 'false_positive')).map((row) => row['finding_id'])).toEqual([injection]);
  });

  it('makes the file where there is none, and leaves alone what is none', async () => {
    const fresh = join(directory.path, 'fresh.yml');
    await findings('ack', injection, '--reason', 'Ours', '--suppress', fresh);
    expect(suppressionFileSchema.parse(parseYaml(readFileSync(fresh, 'utf8')).value).suppressions).toHaveLength(1);
    const other = join(directory.path, 'other.yml');
    writeFileSync(other, 'kafka: {}\n');
    await expect(findings('ack', injection, '--reason', 'Ours', '--suppress', other)).rejects.toMatchObject({
      code: 'config_invalid',
    });
    expect(readFileSync(other, 'utf8')).toBe('kafka: {}\n');
    expect(existsSync(`${other}.new`)).toBe(false);
  });

  it('refuses ids that are none, or of several', async () => {
    await expect(findings('show', 'xyz')).rejects.toMatchObject({ code: 'query_invalid', exitCode: 2 });
    await expect(findings('show', 'ffff-ffff')).rejects.toMatchObject({ code: 'query_invalid' });
    await expect(findings('ack', injection, '--reason', ' ')).rejects.toMatchObject({ code: 'usage' });
    await expect(findings('list', '--limit', '0')).rejects.toMatchObject({ code: 'usage' });
  });
});
