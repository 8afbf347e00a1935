import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { configFields } from '../../../cli/config/config-fields.ts';
import { configSchema } from '../../../cli/config/config-schema.ts';
import { variableOf } from '../../../cli/config/environment-overlay.ts';
import { explainConfig, loadConfig } from '../../../cli/config/load-config.ts';
import { MAX_BLOCK_ROWS } from '../../../processors/store/native-strings.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import { ConfigFiles, refusal } from './config-files.ts';

const files = new ConfigFiles();
afterAll(() => files.remove());
const { directory } = files;
const file = files.file.bind(files);

/** Texts of settings that not every name or first choice will do for. */
const SAMPLES: Readonly<Record<string, string>> = {
  'alerts.url_template': 'https://siem/?u={user_name}',
  'alerts.sinks': '[{"name":"hook","kind":"webhook","url":"http://h/"}]',
  'kafka.brokers': 'a:1',
  'edge.ports': '1,2',
  'clickhouse.url': 'https://h:1/d',
  'masking.tokens.columns': '*.a,t.b',
  'masking.tokens.keys': '[{"id": "h1", "file": "/k"}]',
  'rules.override': '[{"rule": "a.b", "level": "low"}]',
  'masking.drop': '[{"user": "u"}]',
  'topics.principals.edge': 'User:a',
  'watch.servers': '[{"id": "db7", "host": "h", "user": "u"}]',
  'topics.principals.process': 'User:b',
  'topics.principals.store': 'User:c',
  'topics.principals.alert': 'User:d',
  'topics.principals.watch': 'User:e',
};

describe('a configuration', () => {
  it('is all defaults without a file', () => {
    expect(loadConfig(undefined, {})).toEqual(configSchema.parse({}));
  });

  it('takes flags over environment over file over defaults', () => {
    const path = file('kafka: {brokers: [file:1], client_id: file}\nhttp: {port: 1}\n');
    const environment = { SQLTRAIL_KAFKA__BROKERS: 'environment:2', SQLTRAIL_HTTP__PORT: '2' };
    const config = loadConfig(path, environment, { 'kafka.brokers': 'flag:3,flag:4', 'clickhouse.url': undefined });
    expect(config.kafka.brokers).toEqual(['flag:3', 'flag:4']);
    expect(config.http).toEqual({ host: '127.0.0.1', port: 2 });
    expect(config.kafka.client_id).toBe('file');
  });

  it('knows where each value comes from', () => {
    const path = file('kafka:\n  client_id: me\n  tls:\nhttp: {port: 1}\n');
    const { originOf } = explainConfig(
      path,
      { SQLTRAIL_HTTP__PORT: '2', CLICKHOUSE_USER: 'u' },
      { 'edge.interface': 'lo' },
    );
    expect(originOf('kafka.client_id')).toEqual({ kind: 'file', line: 2 });
    expect(originOf('http.port')).toEqual({ kind: 'environment', variable: 'SQLTRAIL_HTTP__PORT' });
    expect(originOf('clickhouse.user')).toEqual({ kind: 'environment', variable: 'CLICKHOUSE_USER' });
    expect(originOf('edge.interface')).toEqual({ kind: 'flag' });
    expect(originOf('http.host')).toEqual({ kind: 'default' });
    expect(originOf('kafka.tls.enabled')).toEqual({ kind: 'default' });
  });

  it('counts a key without a value, and an empty variable, as not given', () => {
    expect(loadConfig(file('kafka:\nedge:\n  ports:\n'), { KAFKA_BROKERS: '', SQLTRAIL_HTTP__PORT: '' })).toEqual(
      configSchema.parse({}),
    );
  });

  it('can be set in each of its keys by a variable', () => {
    const sample = (path: string): string => {
      const field = configFields().find((known) => known.path === path)!;
      if (field.choices !== null) return field.choices[0]!;
      if (field.type === 'boolean') return 'true';
      if (field.type === 'number') return String(field.default);
      return SAMPLES[path] ?? 'name';
    };
    const secretFile = file('from file\n');
    const environment: Record<string, string> = {};
    for (const { path, isSecret } of configFields()) {
      if (!isSecret) environment[variableOf(path)] = path.endsWith('password_file') ? secretFile : sample(path);
    }
    const config = loadConfig(undefined, environment);
    expect(config.edge.ports).toEqual([1, 2]);
    expect(config.kafka).toMatchObject({ brokers: ['a:1'], tls: { enabled: true, server_name: 'name' } });
    expect(config.kafka.sasl.password).toBe('from file');
    expect(config.masking).toMatchObject({
      drop: [{ user: 'u' }],
      tokens: { columns: ['*.a', 't.b'], keys: [{ id: 'h1' }] },
    });
    expect(config.clickhouse.password).toBe('from file');
  });

  it('reads the well-known variables, which yield to its own', () => {
    const known = {
      KAFKA_BROKERS: 'a:1, b:2',
      CLICKHOUSE_URL: 'http://c:8123',
      CLICKHOUSE_USER: 'u',
      CLICKHOUSE_PASSWORD: 'p',
    };
    expect(loadConfig(undefined, known)).toMatchObject({
      kafka: { brokers: ['a:1', 'b:2'] },
      clickhouse: { url: 'http://c:8123', user: 'u', password: 'p' },
    });
    const own = { ...known, SQLTRAIL_KAFKA__BROKERS: 'c:3', SQLTRAIL_CLICKHOUSE__PASSWORD_FILE: file('q') };
    expect(loadConfig(undefined, own)).toMatchObject({ kafka: { brokers: ['c:3'] }, clickhouse: { password: 'q' } });
  });

  it('lets variables be that an orchestrator sets for a service of its name', () => {
    expect(() =>
      loadConfig(undefined, { SQLTRAIL_PORT: 'tcp://10.0.0.1:80', SQLTRAIL_SERVICE_HOST: 'x' }),
    ).not.toThrow();
  });
});

describe('a mistake in a configuration', () => {
  it.each([
    ['an unknown key', 'kafka:\n  broker: [a:1]', 'line 2: kafka.broker is not known; did you mean kafka.brokers?'],
    ['another spelling', 'kafka: {clientId: a}', 'did you mean kafka.client_id?'],
    ['a key in the wrong section', 'brokers: [a:1]', 'line 1: brokers is not known; did you mean kafka.brokers?'],
    ['an unknown section', '\nhtpp: {port: 1}', 'line 2: htpp is not known; did you mean http?'],
    ['a merge key', 'kafka:\n  <<: {brokers: [a:1]}', 'holds a key that is not known'],
    ['__proto__', '__proto__: {a: 1}', '__proto__ is not known'],
    ['constructor', 'kafka: {constructor: 1}', 'kafka.constructor is not known'],
    ['text for a number', 'http:\n  port: many', 'line 2: http.port must be a number'],
    ['a fraction for a whole number', 'http: {port: 1.5}', 'http.port must be a whole number'],
    ['a number for text', 'clickhouse: {password: 1234}', 'clickhouse.password must be text'],
    ['text for a list', 'edge: {ports: 3306}', 'edge.ports must be a list'],
    ['text for a section', 'kafka: a:1', 'kafka must be a section'],
    ['a list for the file', '- a', 'holds no sections'],
    [
      'a port beyond the last',
      'edge:\n  ports:\n    - 3306\n    - 70000',
      'line 4: edge.ports[1] must be at most 65535',
    ],
    [
      'a batch of more rows than a block takes',
      'clickhouse: {batch: {rows: 65537}}',
      `clickhouse.batch.rows must be at most ${MAX_BLOCK_ROWS}`,
    ],
    ['a share of nothing', 'edge: {sample_share: 0}', 'edge.sample_share must be more than 0'],
    ['a stage that is not there', 'process: {stages: [decode, encode]}', 'process.stages[1] must be one of: decode'],
    ['a broker without a port', 'kafka: {brokers: [a]}', 'kafka.brokers[0] must be HOST:PORT'],
    [
      'a broker with a port beyond the last',
      'kafka: {brokers: ["[::1]:65535", "a:65536"]}',
      'kafka.brokers[1] must be',
    ],
    ['an address of another kind', 'clickhouse: {url: "tcp://h:9000"}', 'clickhouse.url must be an address like http'],
    ['an infinite number', 'edge: {limits: {cpu_cores: .inf}}', 'edge.limits.cpu_cores must be'],
    ['a name with a line break', 'edge: {id: "a\\nb"}', 'edge.id must be at most 255 bytes without control'],
    ['certificates without TLS', 'kafka: {tls: {ca_file: /ca.pem}}', 'kafka.tls.enabled is not true'],
    [
      'a certificate without its key',
      'kafka: {tls: {enabled: true, cert_file: /c.pem}}',
      'kafka.tls.key_file is missing',
    ],
    ['a login without a way', 'kafka: {sasl: {username: a}}', 'kafka.sasl.mechanism is not'],
    [
      'a login without a password',
      'kafka: {sasl: {mechanism: plain, username: a}}',
      'kafka.sasl.password_file is missing',
    ],
    ['a password in two ways', 'clickhouse: {password: a, password_file: b}', 'give one of them'],
  ])('%s is named by its path and line', (_, text, words) => {
    const error = refusal(file(text), {});
    expect(error).toMatchObject({ code: 'config_invalid', exitCode: 2 });
    expect(error.message).toContain(words);
  });

  it('in a variable or a flag is named by it', () => {
    expect(refusal(undefined, { SQLTRAIL_HTTP__PORT: 'x' }).message).toBe('SQLTRAIL_HTTP__PORT must be a number.');
    expect(refusal(undefined, { KAFKA_BROKERS: 'x' }).message).toBe(
      'KAFKA_BROKERS (kafka.brokers[0]) must be HOST:PORT.',
    );
    expect(refusal(undefined, { SQLTRAIL_KAFKA__BROKER: 'x' }).message).toContain('mean SQLTRAIL_KAFKA__BROKERS?');
    expect(refusal(undefined, {}, { 'kafka.brokers': 'x' }).message).toContain('given on the command line');
  });

  it('is told together with the others, ten at most', () => {
    const error = refusal(file(Array.from({ length: 30 }, (_, i) => `key${i}: 1`).join('\n')), {});
    expect(error.message.split('\n')).toHaveLength(12);
    expect(error.message).toContain('And 20 more.');
  });

  it.each([
    ['is not there', join(directory, 'none.yml'), 'does not exist'],
    ['is a directory', directory, 'is a directory'],
    ['has no end', '/dev/zero', 'larger than 64 KiB'],
    ['is no text', file(Buffer.from([0x61, 0xff])), 'no UTF-8'],
  ])('is a file that %s', (_, path, words) => {
    expect(refusal(path, {})).toMatchObject({ code: 'config_invalid', message: expect.stringContaining(words) });
  });
});

describe('any input', () => {
  it('is a configuration or a SqltrailError', () => {
    const path = join(directory, 'any.yml');
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string(), { maxLength: 3 }),
    );
    const names = [...new Set(configFields().flatMap((field) => field.path.split('.'))), '__proto__', 'toString'];
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, leaf, fc.dictionary(fc.constantFrom(...names), tie('node'), { maxKeys: 6 })),
    })).node;
    const variables = fc.dictionary(
      fc.oneof(
        fc.constantFrom(...configFields().map((field) => variableOf(field.path)), 'KAFKA_BROKERS'),
        fc.string().map((name) => `SQLTRAIL_${name}`),
      ),
      fc.oneof(fc.string(), fc.constantFrom('1', 'true', 'a:1', '1,2', '-1', '1e9')),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          tree.map((value) => JSON.stringify(value)),
        ),
        variables,
        (text, environment) => {
          writeFileSync(path, text);
          try {
            expect(configSchema.safeParse(explainConfig(path, environment).config).success).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(SqltrailError);
            expect((error as SqltrailError).code).toBe('config_invalid');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
