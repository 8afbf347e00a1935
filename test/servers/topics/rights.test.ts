import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { stateTopic, TOPIC } from '../../../schemas/topics.ts';
import { numbered } from '../../bus/contract-support.ts';
import { runCli } from '../../support/cli.ts';
import { KafkaServer } from '../../support/kafka.ts';

const PASSWORD = 'correct horse battery';
const USERS = ['edge', 'process', 'store', 'bob'];
const STATE = stateTopic('sqltrail.decode');

const folder = mkdtempSync(join(tmpdir(), 'sqltrail-rights-'));
let server: KafkaServer;
let open: KafkaServer;

beforeAll(async () => {
  server = await KafkaServer.start({
    security: { users: Object.fromEntries(USERS.map((user) => [user, PASSWORD])) },
  });
  open = await KafkaServer.start();
});
afterAll(async () => {
  await open?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function apply(at: KafkaServer) {
  const config = join(folder, 'sqltrail.yml');
  const principals = '{edge: "User:edge", process: "User:process", store: "User:store"}';
  writeFileSync(config, `topics: {partitions: 2, replication_factor: 1, principals: ${principals}}\n`);
  return runCli(['topics', 'apply', '--config', config, '--brokers', at.brokers.join(',')]);
}

/** Whether the user may send to and read from the topic. */
async function may(username: string, topic: string): Promise<{ write: boolean; read: boolean }> {
  const bus = new KafkaBus({
    kafka: {
      brokers: server.secureBrokers,
      clientId: 'sqltrail-test',
      tls: { ca: server.ca },
      sasl: { mechanism: 'scram-sha-512', username, password: PASSWORD },
    },
  });
  const isAllowed = (outcome: Promise<unknown>) =>
    outcome.then(
      () => true,
      () => false,
    );
  try {
    const write = await isAllowed(bus.send(topic, [{ ...numbered(1), key: 'k' }]));
    const read = await isAllowed(bus.read(topic, 0)[Symbol.asyncIterator]().next());
    return { write, read };
  } finally {
    await bus.close();
  }
}

describe('topics apply with principals', () => {
  it('gives each service what it needs and no more, and the second time nothing', async () => {
    server.allow('bob', TOPIC.audit);
    const first = await apply(server);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(/^grant {6}User:edge: Write, Describe on topic mysql\.messages\.v1$/m);
    expect(first.stdout).not.toMatch(/^open/m);
    const again = await apply(server);
    expect([again.code, again.stdout.match(/^grant /gm)]).toEqual([0, null]);
    expect(again.stdout).toMatch(/^granted {4}User:process: Read on group sqltrail\.decode$/m);

    expect(await may('edge', TOPIC.messages)).toEqual({ write: true, read: false });
    expect(await may('edge', STATE)).toEqual({ write: false, read: false });
    expect(await may('process', TOPIC.messages)).toEqual({ write: false, read: true });
    expect(await may('process', STATE)).toEqual({ write: true, read: true });
    expect(await may('process', TOPIC.audit)).toEqual({ write: true, read: false });
    expect(await may('store', TOPIC.messages)).toEqual({ write: false, read: false });
    expect(await may('store', TOPIC.audit)).toEqual({ write: false, read: true });
    expect(await may('bob', TOPIC.messages)).toEqual({ write: false, read: false });
  });

  it('names whoever else may read unmasked SQL', async () => {
    server.allow('bob', TOPIC.messages);
    const { code, stdout } = await apply(server);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`open       ${TOPIC.messages}: User:bob may read`)]);
  });

  it('says that brokers without an authorizer give no rights', async () => {
    const { code, stderr } = await apply(open);
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no authorizer')]);
  });
});
