import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RULE = `title: A rule that is wrong about its sample
id: test.wrong
status: test
level: low
description: What it is.
tags: [attack.t1190]
logsource: {category: database, product: mysql}
signal: statement
detection: {a: {statement_kind: select}, condition: a}
samples: {matching: [SELECT 1, DELETE FROM t], not_matching: [DO 1]}
`;

function rules(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('node', ['--import', 'tsx', 'cli/main.ts', 'rules', ...args], {
    encoding: 'utf8',
    input: 'SELECT a FROM t WHERE b = 1 OR 7 = 7',
  });
  return { status, stdout, stderr };
}

describe('sqltrail rules', () => {
  it('fails with each sample that does not do what its rule says, and 1', () => {
    const config = join(folder, 'sqltrail.yml');
    writeFileSync(config, `rules: {folders: [${folder}/own]}\n`);
    spawnSync('mkdir', ['-p', join(folder, 'own')]);
    writeFileSync(join(folder, 'own/test.wrong.yml'), RULE);
    const { status, stdout, stderr } = rules('test', '--config', config);
    expect(stdout).toBe(`${folder}/own/test.wrong.yml: test.wrong does not match DELETE FROM t\n`);
    expect(stderr).toMatch(/1 of \d+ samples fail/);
    expect(status).toBe(1);
  });

  it('names file, line and path of a mistake, and ends with 2', () => {
    const config = join(folder, 'bad.yml');
    writeFileSync(config, `rules: {folders: [${folder}/bad]}\n`);
    spawnSync('mkdir', ['-p', join(folder, 'bad')]);
    writeFileSync(join(folder, 'bad/test.bad.yml'), RULE.replace('statement_kind', 'statment_kind'));
    const { status, stderr } = rules('list', '--config', config);
    expect(stderr).toContain(
      `${folder}/bad/test.bad.yml, line 9: detection.a.statment_kind is no field; did you mean statement_kind?`,
    );
    expect(status).toBe(2);
  });

  it('explains a statement from standard input without showing its literals', () => {
    const { status, stdout } = rules('explain', '-');
    expect(stdout).toContain('masked  SELECT a FROM t WHERE b = ? OR ? = ?');
    expect(stdout).toContain('sqli.tautology (high)');
    expect(stdout).not.toContain('7');
    expect(status).toBe(0);
  });
});
