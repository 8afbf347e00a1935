import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaAdmin } from '../../../bus/kafka-admin.ts';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import type { KafkaOptions } from '../../../bus/kafka-options.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import { numbered } from '../../bus/contract-support.ts';
import { RecordingMember } from '../../bus/recording-member.ts';
import { KafkaServer } from '../../support/kafka.ts';
import { certificateFor } from '../../support/kafka-security.ts';

const PASSWORD = 'correct horse battery';

let server: KafkaServer;
let expired: KafkaServer;
let strict: KafkaServer;
let clientFolder: string;
let client: { cert: string; key: string };

beforeAll(async () => {
  const security = { users: { alice: PASSWORD, bob: PASSWORD, nobody: PASSWORD } };
  server = await KafkaServer.start({ security });
  expired = await KafkaServer.start({ security: { ...security, hasExpiredCertificate: true } });
  clientFolder = mkdtempSync(join(tmpdir(), 'sqltrail-client-'));
  const { key, certificate } = certificateFor(clientFolder);
  client = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  strict = await KafkaServer.start({ security: { ...security, clientAuthority: client.cert } });
  const strictAdmin = await KafkaAdmin.connect({ brokers: strict.brokers, clientId: 'sqltrail-test' });
  await strictAdmin.create({ name: 'allowed', partitions: 1, replicationFactor: 1, settings: {} });
  await strictAdmin.close();
  strict.allow('alice', 'allowed');
  const admin = await KafkaAdmin.connect({ brokers: server.brokers, clientId: 'sqltrail-test' });
  for (const name of ['allowed', 'forbidden'])
    await admin.create({ name, partitions: 1, replicationFactor: 1, settings: {} });
  const settings = { 'max.message.bytes': String(8 * 1_048_576) };
  await admin.create({ name: 'large', partitions: 1, replicationFactor: 1, settings });
  await admin.close();
  server.allow('alice', 'allowed');
  server.allow('bob', 'large', { seesSettings: false });
});
afterAll(async () => {
  rmSync(clientFolder, { recursive: true });
  await strict.stop();
  await expired.stop();
  await server.stop();
});

function secure(of: KafkaServer, changes: Partial<KafkaOptions['sasl']> = {}): KafkaOptions {
  return {
    brokers: of.secureBrokers,
    clientId: 'sqltrail-test',
    tls: { ca: of.ca },
    sasl: { mechanism: 'scram-sha-512', username: 'alice', password: PASSWORD, ...changes },
  };
}

/** What a bus that may not do what it is asked to says, to sender, member and reader alike. */
async function expectRefused(kafka: KafkaOptions, topic: string, code: string, words: RegExp): Promise<void> {
  const bus = new KafkaBus({ kafka });
  const answers = await Promise.all([
    bus.send(topic, [numbered(0)]).catch((error: unknown) => error),
    bus.subscribe([topic], 'g', new RecordingMember()).catch((error: unknown) => error),
    bus.partitions(topic).catch((error: unknown) => error),
    bus
      .read(topic, 0)
      [Symbol.asyncIterator]()
      .next()
      .catch((error: unknown) => error),
  ]);
  await bus.close();
  for (const answer of answers) {
    expect(answer).toBeInstanceOf(SqltrailError);
    const error = answer as SqltrailError;
    expect(error).toMatchObject({ code, retriable: false });
    expect(error.message).toMatch(words);
    expect(error.cure).not.toBe('');
    expect(JSON.stringify([error.message, error.cure])).not.toContain(PASSWORD);
  }
}

describe('Kafka with TLS, logins and rights', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'carries records over TLS for a user of %s',
    async (mechanism) => {
      const bus = new KafkaBus({ kafka: secure(server, { mechanism }) });
      const member = new RecordingMember();
      await bus.subscribe(['allowed'], `group-${mechanism}`, member);
      await bus.send('allowed', [numbered(7)]);
      await bus.caughtUp('allowed', `group-${mechanism}`);
      expect(member.texts).toContain('7');
      const read: number[] = [];
      for await (const records of bus.read('allowed', 0)) read.push(records.length);
      expect(read.length).toBeGreaterThan(0);
      await bus.close();
    },
  );

  it('carries records for who shows the certificate that the brokers ask for', async () => {
    const kafka = secure(strict);
    const bus = new KafkaBus({ kafka: { ...kafka, tls: { ...kafka.tls, ...client } } });
    const member = new RecordingMember();
    await bus.subscribe(['allowed'], 'group-certificates', member);
    await bus.send('allowed', [numbered(8)]);
    await bus.caughtUp('allowed', 'group-certificates');
    expect(member.texts).toEqual(['8']);
    await bus.close();
  });

  it('says that the brokers ask for a certificate, or for another', async () => {
    await expectRefused(secure(strict), 'allowed', 'bus_denied', /No TLS connection/);
    const folder = mkdtempSync(join(tmpdir(), 'sqltrail-other-'));
    const { key, certificate } = certificateFor(folder);
    const other = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
    rmSync(folder, { recursive: true });
    const kafka = secure(strict);
    await expectRefused({ ...kafka, tls: { ...kafka.tls, ...other } }, 'allowed', 'bus_denied', /No TLS connection/);
  });

  it('says that the login was refused', async () => {
    await expectRefused(secure(server, { mechanism: 'plain', password: 'wrong' }), 'allowed', 'bus_denied', /refused/);
    await expectRefused(secure(server, { password: 'wrong' }), 'allowed', 'bus_denied', /refused the login/);
    await expectRefused(secure(server, { username: 'mallory' }), 'allowed', 'bus_denied', /refused the login/);
  });

  it('says that the certificate of a broker has expired', async () => {
    await expectRefused(secure(expired), 'allowed', 'bus_denied', /has expired/);
  });

  it('says that nobody it trusts signed the certificate, or that it is for another host', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqltrail-ca-'));
    const other = readFileSync(certificateFor(folder).certificate, 'utf8');
    rmSync(folder, { recursive: true });
    await expectRefused({ ...secure(server), tls: { ca: other } }, 'allowed', 'bus_denied', /No TLS connection/);
    const named = { ca: server.ca, serverName: 'kafka.example.org' };
    await expectRefused({ ...secure(server), tls: named }, 'allowed', 'bus_denied', /another host name/);
  });

  it('says that a topic is missing', async () => {
    const plain = { brokers: server.brokers, clientId: 'sqltrail-test' };
    await expectRefused(plain, 'no-such-topic', 'topic_missing', /no such topic/);
  });

  it('says that a topic is not for this user', async () => {
    await expectRefused(secure(server), 'forbidden', 'bus_denied', /does not allow/);
    await expectRefused(secure(server, { username: 'nobody' }), 'allowed', 'bus_denied', /does not allow/);
  });

  it('leaves it to the brokers what is too large, for a user who may not see the limit', async () => {
    const bus = new KafkaBus({ kafka: secure(server, { username: 'bob' }) });
    await bus.send('large', [{ partition: 0, key: null, value: randomBytes(4 * 1_048_576) }]);
    const refused = await bus
      .send('large', [{ partition: 0, key: null, value: randomBytes(9 * 1_048_576) }])
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'record_too_large', retriable: false });
    const beyond = await bus
      .send('large', [{ partition: 0, key: null, value: Buffer.alloc(97 * 1_048_576) }])
      .catch((error: unknown) => error);
    expect(beyond).toMatchObject({ code: 'record_too_large', retriable: false });
    await bus.close();
  });

  it('says that a group is not for this user, who may read the topic', async () => {
    const bus = new KafkaBus({ kafka: secure(server) });
    const refused = await bus.subscribe(['allowed'], 'other', new RecordingMember()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'bus_denied', retriable: false });
    await bus.close();
  });
});
