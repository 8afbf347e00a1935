import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-config-cli-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = (text: string): string => {
  const path = join(directory, 'sqltrail.yml');
  writeFileSync(path, text);
  return path;
};

describe('sqltrail config', () => {
  it('prints what is in force on standard output, and warnings beside it', async () => {
    const path = file('kafka: {sasl: {mechanism: plain, username: u, password: hunter2}}\n');
    const given = await runCli(['config', 'check', path], { wrapper: ['env', 'SQLTRAIL_HTTP__PORT=9999'] });
    expect(given.code).toBe(0);
    expect(given.stdout).toMatch(/port: 9999 +# environment: SQLTRAIL_HTTP__PORT/);
    expect(given.stderr).toContain('in the clear');
    expect(given.stdout + given.stderr).not.toContain('hunter2');
    const option = await runCli(['config', 'check', '--config', path]);
    expect(option.stdout.replace('9464', '9999')).toContain('mechanism: plain');
  });

  it.each([
    ['a key that is not known', 'kafka: {broker: [a:1]}', 'kafka.broker is not known; did you mean kafka.brokers?'],
    ['what is no YAML', 'kafka: [', 'line 1'],
    ['a password that YAML misunderstands', 'clickhouse: {password: *hunter2}', 'put it in quotes'],
  ])('ends with 2 and the place of %s', async (_, text, words) => {
    const { code, stdout, stderr } = await runCli(['config', 'check', file(text)]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('hunter2');
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('prints a JSON Schema that forbids what it does not know', async () => {
    const { code, stdout } = await runCli(['config', 'schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: { kafka: {} },
    });
  });

  it('is heeded by run, whose flags win over it', async () => {
    const path = file('edge: {ports: [3399]}\nstore: {directory: none}\n');
    const read = ['run', '--config', path, '--read', 'demo/shop.pcap', '--format', 'ndjson'];
    const other = await runCli(read);
    expect(other).toMatchObject({ code: 0, stdout: '' });
    const flag = await runCli([...read, '--port', '3306']);
    expect(flag.code).toBe(0);
    expect(flag.stdout.length).toBeGreaterThan(1000);
  });

  it('refuses to run with a mistake in it', async () => {
    const { code, stderr } = await runCli(['run', '--config', file('edge: {ports: 1}'), '--read', 'demo/shop.pcap']);
    expect(code).toBe(2);
    expect(stderr).toContain('edge.ports must be a list');
  });
});
