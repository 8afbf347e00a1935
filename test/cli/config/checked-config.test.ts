import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checkedConfig } from '../../../cli/config/checked-config.ts';
import { configFields, configJsonSchema } from '../../../cli/config/config-fields.ts';
import { loadConfig } from '../../../cli/config/load-config.ts';

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-check-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

describe('a checked configuration', () => {
  it('shows each setting with where it comes from', () => {
    const path = file('a.yml', 'kafka:\n  brokers: [a:1]\n');
    const { text } = checkedConfig(path, { SQLTRAIL_HTTP__PORT: '0' });
    const lines = text.split('\n');
    const lineOf = (key: string) => lines.find((line) => line.trim().startsWith(`${key}:`))?.replace(/ +/g, ' ');
    expect(lineOf('brokers')).toContain('brokers: [a:1] #');
    expect(lineOf('brokers')).toContain('a.yml');
    expect(lineOf('brokers')).toContain('line 2');
    expect(lineOf('port')).toBe(' port: 0 # environment: SQLTRAIL_HTTP__PORT');
    expect(lineOf('client_id')).toBe(' client_id: sqltrail # default');
    expect(lineOf('interface')).toBe(' interface: # not set');
  });

  it('is itself a configuration that means the same', () => {
    const path = file('b.yml', 'kafka: {brokers: [a:1, "[::1]:2"]}\nedge: {server_id: "a: #b", sample_share: 0.25}\n');
    const again = file('c.yml', checkedConfig(path, {}).text);
    expect(loadConfig(again, {})).toEqual(loadConfig(path, {}));
  });

  it('shows no secret, wherever it is given', () => {
    const secret = fc
      .string({ minLength: 6, maxLength: 40, unit: 'grapheme-ascii' })
      .filter((text) => /\w{4}/.test(text));
    fc.assert(
      fc.property(secret, fc.integer({ min: 0, max: 4 }), (word, way) => {
        const password = `Zq7${word.trim()}x9`;
        const secretFile = file('secret', `${password}\n`);
        const inFile = file('d.yml', `clickhouse: {password: ${JSON.stringify(password)}}\n`);
        const login = { SQLTRAIL_KAFKA__SASL__MECHANISM: 'scram-sha-512', SQLTRAIL_KAFKA__SASL__USERNAME: 'u' };
        const ways: Parameters<typeof checkedConfig>[] = [
          [inFile, {}],
          [undefined, { CLICKHOUSE_PASSWORD: password }],
          [undefined, { CLICKHOUSE_PASSWORD_FILE: secretFile }],
          [undefined, { ...login, SQLTRAIL_KAFKA__SASL__PASSWORD_FILE: secretFile }],
          [
            undefined,
            {
              CLICKHOUSE_URL: `http://u:${encodeURIComponent(password)}@h:8123/?password=${encodeURIComponent(password)}`,
            },
          ],
        ];
        const { text, warnings } = checkedConfig(...ways[way]!);
        expect(text).not.toContain('Zq7');
        expect(text).toContain('hidden');
        expect(warnings.join()).not.toContain('Zq7');
      }),
    );
  });

  it('has read the certificates that it names', () => {
    const tls = (path: string) => ({
      KAFKA_BROKERS: 'a:1',
      SQLTRAIL_KAFKA__TLS__ENABLED: 'true',
      SQLTRAIL_KAFKA__TLS__CA_FILE: path,
    });
    expect(() => checkedConfig(undefined, tls('/none/ca.pem'))).toThrow(
      'kafka.tls.ca_file, /none/ca.pem does not exist',
    );
    expect(() => checkedConfig(undefined, tls(file('no.pem', 'x')))).toThrow('no PEM');
    expect(checkedConfig(undefined, tls(file('ca.pem', '-----BEGIN CERTIFICATE-----\n'))).text).toContain('ca.pem');
    const clickhouse = { CLICKHOUSE_URL: 'https://h:1', SQLTRAIL_CLICKHOUSE__TLS__CA_FILE: '/none/ca.pem' };
    expect(() => checkedConfig(undefined, clickhouse)).toThrow('clickhouse.tls.ca_file, /none/ca.pem does not exist');
  });
});

describe('the schema of the configuration', () => {
  it('describes every setting, and forbids keys it does not know in every section', () => {
    for (const { path, description } of configFields()) expect([path, description.length > 15]).toEqual([path, true]);
    const sections: unknown[] = [];
    JSON.stringify(configJsonSchema(), (key, value) => {
      if (value?.type === 'object')
        sections.push([key, value.additionalProperties, value.description !== undefined || key === '']);
      return value;
    });
    expect(sections.length).toBeGreaterThan(8);
    for (const [key, additional, isDescribed] of sections as [string, unknown, boolean][])
      expect([key, additional, isDescribed]).toEqual([key, false, true]);
  });

  it('marks passwords as what is never given back', () => {
    const secrets = configFields().filter((field) => field.isSecret);
    expect(secrets.map((field) => field.path)).toEqual(['kafka.sasl.password', 'clickhouse.password']);
  });
});
