import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { explainConfig, loadConfig } from '../../../cli/config/load-config.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import { ConfigFiles, refusal } from './config-files.ts';

const files = new ConfigFiles();
afterAll(() => files.remove());
const { directory } = files;
const file = files.file.bind(files);

describe('a password', () => {
  it('comes from a file without the newline at its end', () => {
    const config = (path: string) => loadConfig(undefined, { CLICKHOUSE_PASSWORD_FILE: path });
    expect(config(file('hunter2\n')).clickhouse.password).toBe('hunter2');
    expect(config(file('hunter2\r\n')).clickhouse.password).toBe('hunter2');
    expect(config(file(' hunter2 ')).clickhouse.password).toBe(' hunter2 ');
  });

  it.each([
    ['is empty', '\n', 'is empty'],
    ['holds two lines', 'hunter2\nhunter3\n', 'more than one line'],
    ['is large', 'x'.repeat(5000), 'larger than 4 KiB'],
  ])('is refused where its file %s', (_, contents, words) => {
    const { message } = refusal(undefined, { CLICKHOUSE_PASSWORD_FILE: file(contents) });
    expect(message).toContain(words);
    expect(message).not.toContain('hunter');
  });

  it('in a file that is not there is a mistake that names the file', () => {
    expect(refusal(undefined, { CLICKHOUSE_PASSWORD_FILE: '/none/secret' }).message).toContain(
      '/none/secret does not exist',
    );
  });

  it('that everyone on the host may read is warned about, and so is one sent in the clear', () => {
    const open = explainConfig(undefined, { CLICKHOUSE_PASSWORD_FILE: file('hunter2', 0o644) });
    expect(open.warnings).toEqual([expect.stringContaining('chmod 600')]);
    const text = 'kafka: {sasl: {mechanism: plain, username: a, password: hunter2}}';
    expect(explainConfig(file(text), {}).warnings).toEqual([expect.stringContaining('in the clear')]);
    expect(explainConfig(undefined, { CLICKHOUSE_PASSWORD_FILE: file('hunter2', 0o600) }).warnings).toEqual([]);
  });

  it('of the environment replaces the one of the file, whichever form each has', () => {
    const inFile = file('clickhouse: {password: old}');
    expect(loadConfig(inFile, { CLICKHOUSE_PASSWORD_FILE: file('new') }).clickhouse.password).toBe('new');
    const asFile = file(`clickhouse: {password_file: ${file('old')}}`);
    const config = loadConfig(asFile, { CLICKHOUSE_PASSWORD: 'new' });
    expect(config.clickhouse).toMatchObject({ password: 'new' });
    expect(config.clickhouse.password_file).toBeUndefined();
  });

  it('is in no error, whatever else is wrong', () => {
    const secret = 'S3cr3tHunter2';
    const forms = [
      secret,
      `*${secret}`,
      `!${secret}`,
      `&${secret}`,
      `%${secret}`,
      `"${secret}`,
      `[${secret}]`,
      `{${secret}: 1}`,
      `- ${secret}`,
      `${secret}: x`,
      `|\n${secret}`,
      `{a: ${secret}`,
    ];
    const lines = fc.constantFrom(
      'kafka:',
      'clickhouse:',
      '  sasl:',
      '    mechanism: plain',
      '    mechanism: PLAIN',
      '  brokers: [a]',
      '  user: 5',
      'x: 1',
      '  tls: {enabled: maybe}',
      '\t',
      '',
    );
    const secretLine = fc
      .tuple(
        fc.constantFrom(
          '  password: ',
          '    password: ',
          'password: ',
          '  password:',
          '    password_file: x\n    password: ',
        ),
        fc.constantFrom(...forms),
      )
      .map(([key, form]) => key + form);
    fc.assert(
      fc.property(
        fc.array(lines, { maxLength: 6 }),
        secretLine,
        fc.array(lines, { maxLength: 4 }),
        (before, line, after) => {
          const path = join(directory, 'secret.yml');
          writeFileSync(path, [...before, line, ...after].join('\n'));
          try {
            loadConfig(path, {});
          } catch (error) {
            expect(error).toBeInstanceOf(SqltrailError);
            const { message, cure } = error as SqltrailError;
            expect(message + cure).not.toContain(secret);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});
