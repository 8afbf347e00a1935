import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { queryTarget } from '../../../cli/query/query-target.ts';

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-query-target-'));
const config = join(directory, 'sqltrail.yml');
writeFileSync(
  config,
  'clickhouse: {url: "https://ch:8443/trail", user: anna, password: secret, tls: {ca_file: /ca.pem}}\nstore: {directory: /other}\n',
);
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

describe('queryTarget', () => {
  it('is the embedded store in the default directory unless told otherwise', async () => {
    expect(await queryTarget({})).toEqual({ kind: 'embedded', directory: './sqltrail-data' });
    expect(await queryTarget({ store: '/x' })).toEqual({ kind: 'embedded', directory: '/x' });
  });

  it('takes address, user, password and certificates of a server from the configuration', async () => {
    expect(await queryTarget({ config })).toEqual({
      kind: 'server',
      url: 'https://ch:8443/trail',
      user: 'anna',
      password: 'secret',
      tls: { caFile: '/ca.pem' },
      insertTimeoutMs: 30_000,
    });
  });

  it('prefers what is given with it', async () => {
    expect(await queryTarget({ config, store: '/x' })).toEqual({ kind: 'embedded', directory: '/x' });
    expect(await queryTarget({ config, clickhouseUrl: 'https://other:8443' })).toMatchObject({
      url: 'https://other:8443/',
    });
    vi.stubEnv('CLICKHOUSE_URL', 'http://from-environment:8123');
    vi.stubEnv('CLICKHOUSE_PASSWORD', 'p');
    expect(await queryTarget({})).toMatchObject({ url: 'http://from-environment:8123/', password: 'p' });
    expect(await queryTarget({ store: '/x' })).toEqual({ kind: 'embedded', directory: '/x' });
  });

  it.each([{ clickhouseUrl: 'ch:8123' }, { clickhouseUrl: '' }, { clickhouseUrl: 'http://ch', store: '/x' }])(
    'refuses %o',
    async (options) => {
      await expect(queryTarget(options)).rejects.toThrow(expect.objectContaining({ exitCode: 2 }));
    },
  );
});
