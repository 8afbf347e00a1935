import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clickhouseTarget } from '../../../cli/config/clickhouse-target.ts';
import { kafkaOptions } from '../../../cli/config/kafka-options.ts';
import { loadConfig } from '../../../cli/config/load-config.ts';
import { serviceOptions } from '../../../cli/config/service-options.ts';

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-options-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const pem = join(directory, 'ca.pem');
writeFileSync(pem, '-----BEGIN CERTIFICATE-----\n');
const config = (environment: Record<string, string>) => loadConfig(undefined, environment);

describe('what Kafka is reached with', () => {
  it('needs a broker', () => {
    expect(() => kafkaOptions(config({}))).toThrow('No Kafka broker is named.');
  });

  it('has neither TLS nor login unless they are set', () => {
    expect(kafkaOptions(config({ KAFKA_BROKERS: 'a:1' }))).toEqual({ brokers: ['a:1'], clientId: 'sqltrail' });
  });

  it('has certificates as text, and the login whole', () => {
    const options = kafkaOptions(
      config({
        KAFKA_BROKERS: 'a:1',
        SQLTRAIL_KAFKA__TLS__ENABLED: 'true',
        SQLTRAIL_KAFKA__TLS__CA_FILE: pem,
        SQLTRAIL_KAFKA__SASL__MECHANISM: 'scram-sha-256',
        SQLTRAIL_KAFKA__SASL__USERNAME: 'u',
        SQLTRAIL_KAFKA__SASL__PASSWORD: 'p',
      }),
    );
    expect(options.tls?.ca).toBe('-----BEGIN CERTIFICATE-----\n');
    expect(options.sasl).toEqual({ mechanism: 'scram-sha-256', username: 'u', password: 'p' });
  });
});

describe('what ClickHouse is reached with', () => {
  it('needs an address', () => {
    expect(() => clickhouseTarget(config({}))).toThrow('No ClickHouse server is named.');
  });

  it('takes user and password out of the address, unless they are set', () => {
    const CLICKHOUSE_URL = 'https://me:p%40ss@h:8443/trail';
    expect(clickhouseTarget(config({ CLICKHOUSE_URL }))).toEqual({
      kind: 'server',
      url: 'https://h:8443/trail',
      user: 'me',
      password: 'p@ss',
      insertTimeoutMs: 30_000,
    });
    const both = {
      CLICKHOUSE_URL,
      CLICKHOUSE_USER: 'u',
      CLICKHOUSE_PASSWORD: 'p',
      SQLTRAIL_CLICKHOUSE__TLS__CA_FILE: pem,
    };
    const patient = config({ CLICKHOUSE_URL, SQLTRAIL_CLICKHOUSE__INSERT_TIMEOUT_MS: '90000' });
    expect(clickhouseTarget(patient)).toMatchObject({ insertTimeoutMs: 90_000 });
    expect(clickhouseTarget(config(both))).toMatchObject({ user: 'u', password: 'p', tls: { caFile: pem } });
  });

  it('is the default user without a password where none is named', () => {
    const target = clickhouseTarget(config({ CLICKHOUSE_URL: 'http://h:8123' }));
    expect(target).toMatchObject({ user: 'default', password: '' });
  });
});

describe('what a service is started with', () => {
  it('has its deadline in milliseconds', () => {
    expect(serviceOptions('edge', config({ SQLTRAIL_SHUTDOWN_DEADLINE_S: '2' }))).toEqual({
      name: 'edge',
      logLevel: 'info',
      http: { host: '127.0.0.1', port: 9464 },
      shutdownDeadlineMs: 2000,
    });
  });
});
