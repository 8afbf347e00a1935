import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { type Alert, alertSchema } from '../../../schemas/alert.ts';
import type { Finding } from '../../../schemas/finding.ts';
import { findingRecord } from '../../../schemas/finding-record.ts';
import type { LedgerEntry } from '../../../schemas/ledger.ts';
import { readLedgerRecord } from '../../../schemas/ledger-record.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { madeFinding } from '../../processors/alert/made-finding.ts';
import { runCli } from '../../support/cli.ts';
import { freePort } from '../../support/free-port.ts';
import { KafkaServer } from '../../support/kafka.ts';
import { Service } from '../../support/service.ts';

const FINDINGS = 400;
const KILLS = 6;
const STALL_MS = 60_000;

let kafka: KafkaServer;
let bus: KafkaBus;
const services: Service[] = [];
const receivers: Receiver[] = [];

/** A webhook's other end, which can be down. */
class Receiver {
  readonly alerts: Alert[] = [];
  readonly problems: string[] = [];
  port = 0;
  #server: Server | null = null;

  async up(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const alert = alertSchema.parse(JSON.parse(body.toString('utf8')));
        if (request.headers['idempotency-key'] !== alert.alert_id) this.problems.push('another idempotency key');
        this.alerts.push(alert);
        response.writeHead(204).end();
      });
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** What each finding was told as, by sink. */
  get told(): Set<string> {
    return new Set(
      this.alerts.flatMap(({ findings }) => findings.map((each) => `${each.finding_id} ${each.severity}`)),
    );
  }
}

beforeAll(async () => {
  kafka = await KafkaServer.start();
  const stages = ['--stages', 'decode,mask', '--stages', 'alert'];
  const { code, stderr } = await runCli(['topics', 'apply', ...stages], { environment: environment([]) });
  expect(code, stderr).toBe(0);
  bus = new KafkaBus({ kafka: { brokers: kafka.brokers, clientId: 'test' } });
});
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
  await Promise.all(receivers.splice(0).map((receiver) => receiver.down()));
});
afterAll(async () => {
  await bus?.close();
  await kafka?.stop();
});

describe('the stage alert as a service', () => {
  it('tells every receiver of every finding while it is killed and a receiver is down', async () => {
    const [steady, shaky] = [await receiver(), await receiver()];
    const service = serve({ steady: steady.port, shaky: shaky.port });
    const wanted = new Set<string>();
    for (let i = 0; i < FINDINGS; i++) {
      const part = findingOf(i);
      if (part.severity !== 'low') wanted.add(`${part.finding_id} ${part.severity}`);
      await publish(part);
      if (i % 60 === 20) service.kill();
      if (i % 100 === 30) await shaky.down();
      if (i % 100 === 80) await shaky.up();
      if (i % 10 === 0) await sleep(100);
    }
    await told(steady, wanted);
    await told(shaky, wanted);
    for (const each of [steady, shaky]) {
      expect(each.problems).toEqual([]);
      expectOneContentEach(each.alerts);
    }
    expect(service.starts).toBeGreaterThan(KILLS);
    expect(await service.stop()).toBe(0);
    for (const entry of await ledger()) {
      const lost = Object.values(entry.lost).reduce((sum, count) => sum + count, 0);
      expect(entry.takenIn).toBe(entry.passedOn + entry.open + lost);
      expect([entry.unit, entry.open]).toEqual([entry.unit, 0]);
    }
  });

  it('is ready while a receiver is down, says so, and delivers after a restart what waited', async () => {
    const absent = await receiver();
    await absent.down();
    const port = await freePort('127.0.0.1');
    const service = serve({ absent: absent.port }, port);
    const part = madeFinding({ area: 'restart', client: '10.9.9.9' });
    await publish(part);
    const ready = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      return {
        status: response?.status,
        body: (await response?.json().catch(() => null)) as { notes?: unknown } | null,
      };
    };
    await until(async () => (await ready()).body?.notes !== undefined);
    expect(await ready()).toMatchObject({ status: 200, body: { ready: true, notes: [{ name: 'sink_absent' }] } });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/sqltrail_alert_sink_up\{sink="absent",service="alert"\} 0/);
    expect(metrics).toMatch(/sqltrail_alert_waiting_alerts\{sink="absent",service="alert"\} [1-9]/);
    expect(service.stderr.split('The alert sink does not take alerts').length - 1).toBe(1);
    expect(await service.stop()).toBe(0);
    await absent.up();
    serve({ absent: absent.port });
    await until(() => absent.told.has(`${part.finding_id} high`));
  });

  it('counts a record that is no finding, and goes on', async () => {
    const hook = await receiver();
    serve({ garbage: hook.port });
    await bus.send(TOPIC.findings, [{ partition: 0, key: 'x', value: Buffer.from('{"finding_id": 7}') }]);
    const part = madeFinding({ area: 'behind', client: '10.8.8.8' });
    await publish(part);
    await until(() => hook.told.has(`${part.finding_id} high`));
    await until(async () => {
      const dead = (await ledger()).reduce((sum, { lost }) => sum + (lost.dead_letter ?? 0), 0);
      return dead === 1;
    });
  });
});

function findingOf(i: number): Finding {
  return madeFinding({
    area: ['sqli', 'recon'][i % 2]!,
    client: `10.1.${i % 40}.1`,
    user: `app${Math.floor(i / 80)}`,
    origin: `mysql.messages.v1/${i % 3}`,
    version: i + 1,
    severity: (['low', 'medium', 'high', 'critical'] as const)[Math.floor(i / 8) % 4]!,
  });
}

async function receiver(): Promise<Receiver> {
  const made = new Receiver();
  await made.up();
  receivers.push(made);
  return made;
}

function serve(ports: Readonly<Record<string, number>>, httpPort = 0): Service {
  const sinks = Object.entries(ports).map(([name, port]) => ({
    name,
    kind: 'webhook',
    url: `http://127.0.0.1:${port}/`,
  }));
  const given = { ...environment(sinks), SQLTRAIL_HTTP__PORT: String(httpPort) };
  const service = new Service({ name: 'alert', args: ['process', '--stages', 'alert'], environment: given });
  services.push(service);
  return service;
}

function environment(sinks: readonly object[]): Record<string, string> {
  return {
    KAFKA_BROKERS: kafka.brokers.join(','),
    SQLTRAIL_HTTP__PORT: '0',
    SQLTRAIL_TOPICS__PARTITIONS: '3',
    SQLTRAIL_TOPICS__REPLICATION_FACTOR: '1',
    SQLTRAIL_ALERTS__SINKS: JSON.stringify(sinks),
    SQLTRAIL_ALERTS__THROTTLE_PER_MINUTE: '10000',
    SQLTRAIL_ALERTS__GROUP_INTERVAL_S: '1',
  };
}

function publish(part: Finding): Promise<void> {
  return bus.send(TOPIC.findings, [findingRecord(part, 1)]);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < STALL_MS; waitedMs += 100) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error(`It does not come to it.\n${services.map(({ stderr }) => stderr.slice(-3_000)).join('\n')}`);
}

/** What became graver before it was told is told as what it became: the last severity of each finding must be there. */
async function told(each: Receiver, wanted: ReadonlySet<string>): Promise<void> {
  const last = new Map([...wanted].map((text) => text.split(' ') as [string, string]));
  for (const text of wanted) {
    const [id, severity] = text.split(' ') as [string, string];
    if (RANK[severity]! > RANK[last.get(id)!]!) last.set(id, severity);
  }
  await until(() => [...last].every(([id, severity]) => each.told.has(`${id} ${severity}`)));
}

const RANK: Readonly<Record<string, number>> = { medium: 1, high: 2, critical: 3 };

/** The same id always tells of the same findings. */
function expectOneContentEach(alerts: readonly Alert[]): void {
  const known = new Map<string, string>();
  for (const alert of alerts) {
    const text = JSON.stringify(alert);
    expect(known.get(alert.alert_id) ?? text).toBe(text);
    known.set(alert.alert_id, text);
  }
}

async function ledger(): Promise<LedgerEntry[]> {
  const entries = new Map<string, LedgerEntry>();
  for (let partition = 0; partition < (await bus.partitions(TOPIC.ledger)); partition++) {
    for await (const records of bus.read(TOPIC.ledger, partition)) {
      for (const { value } of records) {
        const entry = (each: LedgerEntry) => {
          const key = `${each.stage}/${each.origin}/${each.ordinal}`;
          if (each.version >= (entries.get(key)?.version ?? -1)) entries.set(key, each);
        };
        readLedgerRecord(value!, { entry, loss: () => {}, bad: () => expect.unreachable() });
      }
    }
  }
  return [...entries.values()].filter(({ stage }) => stage === 'alert');
}
