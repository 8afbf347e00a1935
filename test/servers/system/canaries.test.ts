import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { holdsUnmaskedSql, topicDefinitions } from '../../../schemas/topic-definitions.ts';
import { betweenTopic, TOPIC } from '../../../schemas/topics.ts';
import { okPayload, packet, u32, WireCapture } from '../../support/wire-capture.ts';
import { Fleet } from './fleet.ts';

/** Values that clients and servers send; none may be seen outside of the topics of unmasked SQL. */
const TEXT = 'zq7canary';
const NUMBER = '48151623421';
const HEX = Buffer.from(TEXT).toString('hex');
const BASE64 = Buffer.from(TEXT).toString('base64').slice(0, 8);
const SHOWN = [TEXT, NUMBER, HEX, BASE64.toLowerCase()];

const STATEMENTS = [
  `SELECT * FROM t WHERE a='${TEXT}' AND b=${NUMBER} AND c=0x${HEX}`,
  `INSERT INTO t VALUES ("${TEXT}", -${NUMBER}.5, x'${HEX}')`,
  `CREATE USER 'app'@'%' IDENTIFIED BY '${TEXT}'`,
  `SET @secret = '${TEXT}', @other = ${NUMBER}`,
  `LOAD DATA INFILE '/tmp/${TEXT}' INTO TABLE t`,
  `CALL pay('${TEXT}', ${NUMBER})`,
  `SELECT 1 /* ${TEXT} */ -- ${NUMBER}`,
  `SELECT '${TEXT}`,
  `SELECT * FROM users WHERE name='' OR '${TEXT}'='${TEXT}' UNION SELECT ${NUMBER}`,
];
const GROUPINGS = ['decode', 'mask', 'store'];

let fleet: Fleet;
let bus: KafkaBus;

beforeAll(async () => {
  fleet = await Fleet.start(3, GROUPINGS);
  bus = new KafkaBus({ kafka: { brokers: fleet.kafka.brokers, clientId: 'canaries' } });
  const capture = join(fleet.folder, 'canaries.pcap');
  const executes = await writeCapture(capture);
  for (const stage of GROUPINGS) fleet.serve(stage, 'process', '--stages', stage);
  await fleet.run('edge', '--read', capture, '--server-id', 'db1');
  await damage();
  await fleet.until(
    "SELECT count() FROM audit WHERE command IN ('query', 'execute')",
    2 * STATEMENTS.length + executes,
  );
  await fleet.until("SELECT sum(lost['dead_letter']) FROM ledger_entries WHERE unit = 'records'", 3);
});
afterAll(async () => {
  await bus?.close();
  await fleet?.stop();
});

describe('a value that a client or server sent', () => {
  it('is in the topics of unmasked SQL, or this test would show nothing', async () => {
    expect((await contents(TOPIC.messages)).join('')).toContain(TEXT);
  });

  it('is in no other topic', async () => {
    const chains = GROUPINGS.map((stage) => stageChain([stage]));
    const hours = {
      rawRetentionHours: 1,
      auditRetentionHours: 1,
      ledgerRetentionHours: 1,
      deadLetterRetentionHours: 1,
    };
    const names = topicDefinitions({ partitions: 3, replicationFactor: 1, ...hours, chains }).map(({ name }) => name);
    const masked = names.filter((name) => !holdsUnmaskedSql(name));
    expect(masked).toContain(TOPIC.audit);
    for (const name of masked) {
      const values = await contents(name);
      if (name === TOPIC.audit || name === TOPIC.deadLetter || name === TOPIC.ledger)
        expect([name, values.length > 0]).toEqual([name, true]);
      expectClean(name, values.join('\n'));
    }
    for (const name of names) expectClean(`topics read ${name}`, await fleet.run('topics', 'read', name));
    expectClean('deadletter list', await fleet.run('deadletter', 'list', '--format', 'ndjson'));
  });

  it('is in no log line and no metric of any service', async () => {
    for (const [name, { stderr }] of fleet.services) {
      expectClean(`the log of ${name}`, stderr);
      const port = /"port":(\d+)/.exec(stderr)?.[1];
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(metrics).toContain('sqltrail_process_records_total');
      expectClean(`the metrics of ${name}`, metrics);
    }
  });

  it('is in no row of any table', async () => {
    const tables = await fleet.clickhouse.rows(
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT LIKE '%View'",
    );
    expect(tables.length).toBeGreaterThan(4);
    for (const { name } of tables)
      expectClean(`table ${name}`, JSON.stringify(await fleet.clickhouse.rows(`SELECT * FROM \`${name}\``)));
  });
});

function expectClean(where: string, output: string): void {
  const text = output.toLowerCase();
  for (const value of SHOWN) {
    const at = text.indexOf(value);
    if (at >= 0) expect.fail(`${value} in ${where}: ${text.slice(Math.max(0, at - 200), at + 100)}`);
  }
}

/** Values and keys of a topic, a byte a character. */
async function contents(topic: string): Promise<string[]> {
  const texts: string[] = [];
  for (let partition = 0; partition < (await bus.partitions(topic)); partition++)
    for await (const records of bus.read(topic, partition))
      for (const { key, value } of records) texts.push(`${key ?? ''} ${value?.toString('latin1') ?? ''}`);
  return texts;
}

/** Each statement once with success and once refused by an error that quotes it; prepared ones with bound values. @returns Executes. */
async function writeCapture(path: string): Promise<number> {
  const capture = new WireCapture(path);
  const startUs = Date.now() * 1000 - 60e6;
  const peer = capture.connect(0, 1, startUs);
  let timeUs = startUs + 100;
  const later = () => {
    timeUs += 100;
    return timeUs;
  };
  const exchange = (request: Buffer, response: Buffer) => {
    capture.client(peer, packet(request, 0), later());
    if (response.length > 0) capture.server(peer, packet(response, 1), later());
  };
  const command = (code: number, ...parts: (string | Buffer)[]) =>
    Buffer.concat([Buffer.from([code]), ...parts.map((part) => Buffer.from(part))]);
  const error = Buffer.from(`\xff\x26\x04#23000Duplicate entry '${TEXT}' near '${NUMBER}' at line 1`, 'latin1');
  for (const sql of STATEMENTS) {
    exchange(command(3, sql), okPayload(1));
    exchange(command(3, sql), error);
  }
  exchange(
    command(0x16, `UPDATE t SET a='${TEXT}', b=? WHERE c=?`),
    command(0, u32(1), Buffer.from([0, 0, 2, 0, 0, 0, 0])),
  );
  exchange(command(0x18, u32(1), Buffer.from([0, 0]), TEXT), Buffer.alloc(0));
  const bound = Buffer.concat([Buffer.from([TEXT.length]), Buffer.from(TEXT)]);
  exchange(command(0x17, u32(1), Buffer.from([0, 1, 0, 0, 0, 0, 1, 0xfd, 0, 0xfd, 0]), bound), okPayload(1));
  exchange(command(1), Buffer.alloc(0));
  capture.disconnect(peer, timeUs + 10);
  await capture.end();
  return 1;
}

/** What cannot be read holds values too. */
async function damage(): Promise<void> {
  const [whole] = (await contents(TOPIC.messages)).map((text) => Buffer.from(text.slice(1), 'latin1'));
  const line = Buffer.from(`{"statement": "${TEXT}", "event_id": "${TEXT}"}\n`);
  await bus.send(TOPIC.messages, [
    { partition: 0, key: null, value: whole!.subarray(0, whole!.length - 9) },
    { partition: 1, key: null, value: Buffer.from(`${TEXT} ${NUMBER}`) },
  ]);
  await bus.send(betweenTopic('decode'), [{ partition: 0, key: null, value: line }]);
}
