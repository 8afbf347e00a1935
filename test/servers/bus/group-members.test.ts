import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { BusRecord, GroupMember, Position } from '../../../bus/bus.ts';
import { KafkaAdmin } from '../../../bus/kafka-admin.ts';
import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { KafkaClient } from '../../../bus/kafka-client.ts';
import { KafkaMetadata } from '../../../bus/kafka-metadata.ts';
import type { KafkaOptions } from '../../../bus/kafka-options.ts';
import { expectOrderedCalls, numbered, until } from '../../bus/contract-support.ts';
import { RecordingMember } from '../../bus/recording-member.ts';
import { brokersForTest } from '../../support/kafka.ts';

const PARTITIONS = 6;

let server: Awaited<ReturnType<typeof brokersForTest>>;
let kafka: KafkaOptions;
let metadata: KafkaMetadata;

beforeAll(async () => {
  server = await brokersForTest();
  kafka = { brokers: server.brokers, clientId: 'sqltrail-test' };
  metadata = new KafkaMetadata(new KafkaClient(kafka), server.brokers);
});
afterAll(async () => {
  await metadata.close();
  await server.stop();
});

/** A topic under load, and what a group comes to on it. */
class Load {
  readonly topic = `members.${process.pid}.${Date.now()}`;
  readonly group = this.topic;
  readonly handled = new Map<number, Set<number>>();
  /** Who has each partition. */
  readonly owners = new Map<number, string>();
  readonly broken: string[] = [];
  sent = 0;
  private readonly bus = new KafkaBus({ kafka });
  private isOver = false;
  private readonly standing: number[] = [];
  private work: Promise<unknown> = Promise.resolve();

  async start(): Promise<void> {
    const admin = await KafkaAdmin.connect(kafka);
    await admin.create({ name: this.topic, partitions: PARTITIONS, replicationFactor: 1, settings: {} });
    await admin.close();
    this.work = Promise.all([this.send(), this.watch()]);
  }

  /** Ends the load; resolves when the group has committed all of it. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.work;
    await this.bus.caughtUp(this.topic, this.group);
    await this.bus.close();
  }

  took(partition: number, offset: number): void {
    const offsets = this.handled.get(partition) ?? new Set();
    offsets.add(offset);
    this.handled.set(partition, offsets);
  }

  expectAllHandled(): void {
    const offsets = [...this.handled.values()];
    expect(offsets.reduce((sum, each) => sum + each.size, 0)).toBe(this.sent);
    for (const each of offsets) expect(Math.max(...each)).toBe(each.size - 1);
    expect(this.broken).toEqual([]);
  }

  private async send(): Promise<void> {
    for (; !this.isOver; this.sent++) {
      await this.bus.send(this.topic, [numbered(this.sent, this.sent % PARTITIONS)]);
      await sleep(1);
    }
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      const now = await metadata.groupOffsets(this.group, this.topic).catch(() => []);
      for (const [partition, offset] of now.entries()) {
        if (offset < (this.standing[partition] ?? -1))
          this.broken.push(`partition ${partition} went back to ${offset}`);
        this.standing[partition] = offset;
      }
      await sleep(20);
    }
  }
}

class WatchedMember implements GroupMember {
  private readonly name: string;
  private readonly load: Load;
  private readonly handled = new Map<number, Position>();

  constructor(name: string, load: Load) {
    this.name = name;
    this.load = load;
  }

  async assigned(_topic: string, partition: number): Promise<null> {
    const { owners, broken } = this.load;
    const owner = owners.get(partition);
    if (owner !== undefined) broken.push(`${partition} given to ${this.name} while ${owner} has it`);
    owners.set(partition, this.name);
    await sleep(20);
    return null;
  }

  async handle({ topic, partition, offset }: BusRecord): Promise<void> {
    const { owners, broken } = this.load;
    if (owners.get(partition) !== this.name) broken.push(`${partition} delivered to ${this.name}`);
    if (offset % 50 === 0) await sleep(5);
    this.load.took(partition, offset);
    this.handled.set(partition, { topic, partition, offset: offset + 1 });
  }

  async commit(): Promise<readonly Position[]> {
    const positions = [...this.handled.values()];
    this.handled.clear();
    await sleep(10);
    return positions;
  }

  revoked(_topic: string, partition: number): void {
    const { owners, broken } = this.load;
    if (owners.get(partition) !== this.name) broken.push(`${partition} taken from ${this.name}`);
    owners.delete(partition);
    this.handled.delete(partition);
  }
}

describe('members of a group on Kafka', () => {
  it('come and go under load: each record is handled, no partition has two members, no commit goes back', async () => {
    const load = new Load();
    await load.start();
    const buses: KafkaBus[] = [];
    const join = async (name: string) => {
      const bus = new KafkaBus({ kafka, commitMs: 100 });
      buses.push(bus);
      await bus.subscribe([load.topic], load.group, new WatchedMember(name, load));
    };
    const shares = () => [...load.owners.values()].sort().join(' ');
    await join('a');
    await until(() => shares() === 'a a a a a a');
    await join('b');
    await until(() => shares() === 'a a a b b b');
    await join('c');
    await until(() => shares() === 'a a b b c c');
    await sleep(300);
    await buses[0]!.close();
    await until(() => shares() === 'b b b c c c');
    await sleep(300);
    await buses[2]!.close();
    await until(() => shares() === 'b b b b b b');
    await load.end();
    await buses[1]!.close();
    load.expectAllHandled();
  });

  it('go on without one that hangs in a record', async () => {
    const load = new Load();
    await load.start();
    const hanging = new KafkaBus({ kafka, commitMs: 100, sessionTimeoutMs: 6_000 });
    const forever = new Promise<void>(() => {});
    const stuck = new RecordingMember({ handle: () => forever });
    await hanging.subscribe([load.topic], load.group, stuck);
    await until(() => new Set(stuck.records.map(({ partition }) => partition)).size === PARTITIONS);
    const sound = new KafkaBus({ kafka, commitMs: 100, sessionTimeoutMs: 6_000 });
    await sound.subscribe([load.topic], load.group, new WatchedMember('sound', load));
    await until(() => [...load.handled.values()].filter((offsets) => offsets.size > 100).length === PARTITIONS / 2);
    // How often a group comes together before its first record is Kafka's affair; what hangs must be taken away.
    for (const { partition } of stuck.records) {
      const hung = stuck.events.findIndex((event) => event.startsWith(`handle ${partition}:`));
      expect(stuck.events.indexOf(`revoked ${partition}`, hung), stuck.events.join(', ')).toBeGreaterThan(hung);
    }
    expectOrderedCalls(stuck);
    // What it does not come back with is done by the other.
    await hanging.close();
    await load.end();
    await sound.close();
    load.expectAllHandled();
  });

  it('are replaced when one is killed without leaving', async () => {
    const load = new Load();
    await load.start();
    const children: ChildProcess[] = [];
    onTestFinished(() => {
      for (const child of children) child.kill('SIGKILL');
    });
    const run = () => {
      const script = new URL('member-process.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, ['--import', 'tsx', script, kafka.brokers[0]!, load.topic, load.group], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      let lines = 0;
      createInterface({ input: child.stdout }).on('line', (line) => {
        const [partition, offset] = line.split(' ').map(Number);
        load.took(partition!, offset!);
        lines++;
      });
      return { child, lines: () => lines };
    };
    for (let round = 0; round < 3; round++) {
      const member = run();
      await until(() => member.lines() > 200);
      member.child.kill('SIGKILL');
      await once(member.child, 'exit');
    }
    const last = run();
    await load.end();
    last.child.kill('SIGKILL');
    await once(last.child, 'close');
    load.expectAllHandled();
  });
});
