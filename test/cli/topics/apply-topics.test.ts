import { describe, expect, it } from 'vitest';
import type { NewTopic, TopicDescription } from '../../../bus/kafka-admin.ts';
import type { Grant } from '../../../bus/kafka-rights.ts';
import { applyTopics, type TopicAdmin } from '../../../cli/topics/apply-topics.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { topicDefinitions } from '../../../schemas/topic-definitions.ts';
import { type TopicRight, topicRights } from '../../../schemas/topic-rights.ts';
import { stateTopic, TOPIC } from '../../../schemas/topics.ts';

const WANTED = topicDefinitions({
  partitions: 4,
  replicationFactor: 2,
  rawRetentionHours: 1,
  auditRetentionHours: 2,
  ledgerRetentionHours: 3,
  deadLetterRetentionHours: 4,
  chains: [{ group: 'sqltrail.decode', input: TOPIC.messages, output: TOPIC.audit }],
});

/** Brokers whose topics are in memory. */
class FakeAdmin implements TopicAdmin {
  readonly topics = new Map<string, TopicDescription>();
  readonly calls: string[] = [];
  brokers = 2;
  readonly allowed: Grant[] = [];

  grants(): Promise<readonly Grant[]> {
    this.calls.push('see rights');
    return Promise.resolve([...this.allowed]);
  }

  allow(grants: readonly Grant[]): Promise<void> {
    this.calls.push(`allow ${grants.length}`);
    this.allowed.push(...grants);
    return Promise.resolve();
  }

  describe(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    return Promise.resolve(new Map([...this.topics].filter(([name]) => names.includes(name))));
  }

  brokerCount(): Promise<number> {
    return Promise.resolve(this.brokers);
  }

  create({ name, partitions, replicationFactor, settings }: NewTopic): Promise<void> {
    this.calls.push(`create ${name}`);
    this.topics.set(name, {
      partitions,
      replicationFactor,
      settings: new Map(Object.entries(settings)),
      isEmpty: true,
    });
    return Promise.resolve();
  }

  changeSettings(name: string, changes: Readonly<Record<string, string>>): Promise<void> {
    this.calls.push(`change ${name}`);
    this.update(name, { settings: new Map([...this.topics.get(name)!.settings, ...Object.entries(changes)]) });
    return Promise.resolve();
  }

  addPartitions(name: string, count: number): Promise<void> {
    this.calls.push(`grow ${name}`);
    this.update(name, { partitions: count });
    return Promise.resolve();
  }

  update(name: string, difference: Partial<TopicDescription>): void {
    this.topics.set(name, { ...this.topics.get(name)!, ...difference });
  }
}

async function apply(admin: TopicAdmin, isDryRun = false, rights: readonly TopicRight[] = []): Promise<string> {
  let text = '';
  await applyTopics(admin, { topics: WANTED, rights }, isDryRun, (plan) => {
    text += plan;
    return Promise.resolve();
  });
  return text;
}

describe('applying topics', () => {
  it('creates all topics, and has nothing to do the second time', async () => {
    const admin = new FakeAdmin();
    await apply(admin);
    expect(admin.calls).toEqual(WANTED.map(({ name }) => `create ${name}`));
    const again = await apply(admin);
    expect(admin.calls).toHaveLength(WANTED.length);
    expect(again.match(/^unchanged {2}/gm)).toHaveLength(WANTED.length);
  });

  it('changes nothing in a dry run', async () => {
    const admin = new FakeAdmin();
    expect(await apply(admin, true)).toContain(`create     ${TOPIC.audit}`);
    expect(admin.calls).toEqual([]);
  });

  it('brings back a setting that somebody changed, and adds partitions where that moves no connection', async () => {
    const admin = new FakeAdmin();
    await apply(admin);
    admin.calls.length = 0;
    admin.update(TOPIC.ledger, { partitions: 1, isEmpty: false });
    admin.update(TOPIC.audit, {
      settings: new Map([...admin.topics.get(TOPIC.audit)!.settings, ['retention.ms', '1']]),
    });
    expect(await apply(admin)).toContain('retention.ms: 1 → 7200000');
    expect(admin.calls).toEqual([`change ${TOPIC.audit}`, `grow ${TOPIC.ledger}`]);
  });

  it('changes nothing at all where one topic is in conflict', async () => {
    const admin = new FakeAdmin();
    await apply(admin);
    admin.calls.length = 0;
    admin.topics.delete(TOPIC.audit);
    admin.update(TOPIC.messages, { partitions: 2, isEmpty: false });
    await expect(apply(admin)).rejects.toMatchObject({ code: 'topic_conflict', exitCode: 1 });
    expect(admin.calls).toEqual([]);
  });

  it('says how many brokers there are where more replicas are wanted', async () => {
    const admin = new FakeAdmin();
    admin.brokers = 1;
    await expect(apply(admin)).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'Nothing was changed: topics.replication_factor is 2, but only 1 broker is up.',
    });
    expect(admin.calls).toEqual([]);
  });
});

describe('rights on topics', () => {
  const chains = [stageChain(['decode', 'identify', 'mask', 'detect']), stageChain(['store']), stageChain(['alert'])];
  const principals = {
    edge: 'User:edge',
    process: 'User:process',
    store: 'User:store',
    alert: 'User:alert',
    watch: 'User:watch',
  };
  const rights = topicRights(chains, principals);

  it('let nobody but the processes read unmasked SQL, and the edges write it', () => {
    const on = (name: string) =>
      rights.filter((right) => right.name === name).map(({ principal, operations }) => [principal, operations.join()]);
    expect(on(TOPIC.messages)).toEqual([
      ['User:edge', 'Write,Describe'],
      ['User:process', 'Read,Describe'],
    ]);
    expect(on(stateTopic('sqltrail.decode'))).toEqual([['User:process', 'Read,Write,Describe']]);
    expect(on(TOPIC.ledger)).toEqual([
      ['User:edge', 'Write,Describe'],
      ['User:watch', 'Write,Describe'],
      ['User:process', 'Write,Describe'],
      ['User:store', 'Read,Write,Describe'],
      ['User:alert', 'Write,Describe'],
    ]);
    expect(on('sqltrail.store')).toEqual([['User:store', 'Read']]);
    expect(on(TOPIC.findings)).toEqual([
      ['User:process', 'Write,Describe'],
      ['User:store', 'Read,Write,Describe'],
      ['User:alert', 'Read,Describe'],
    ]);
    expect(on(TOPIC.sessions)).toEqual([
      ['User:watch', 'Read,Write,Describe'],
      ['User:process', 'Read,Describe'],
    ]);
  });

  it('are not looked at without a principal', async () => {
    const admin = new FakeAdmin();
    await apply(admin, false, topicRights(chains, {}));
    expect(admin.calls).not.toContain('see rights');
  });

  it('are given once, and only those that are missing', async () => {
    const admin = new FakeAdmin();
    admin.allowed.push(grant('User:edge', TOPIC.messages, 'Write'), grant('User:store', 'mysql.', 'All', true));
    const text = await apply(admin, false, rights);
    expect(text).toContain(`granted    User:edge: Write, Describe on topic ${TOPIC.messages}\n`);
    expect(text).toContain(`grant      User:process: Read, Describe on topic ${TOPIC.messages}\n`);
    expect(admin.allowed.filter(({ principal }) => principal === 'User:store').map(({ name }) => name)).toEqual([
      'mysql.',
      'sqltrail.store',
    ]);
    const calls = admin.calls.length;
    expect(await apply(admin, false, rights)).not.toMatch(/^grant /m);
    expect(admin.calls.slice(calls)).toEqual(['see rights']);
  });

  it('are only shown in a dry run', async () => {
    const admin = new FakeAdmin();
    expect(await apply(admin, true, rights)).toMatch(/^grant /m);
    expect(admin.allowed).toEqual([]);
  });

  it('of others to read unmasked SQL are named, and stay', async () => {
    const admin = new FakeAdmin();
    const others = [
      grant('User:bob', 'mysql.', 'Read', true),
      grant('User:*', '*', 'All'),
      grant('User:carl', TOPIC.audit, 'Read'),
      grant('User:dora', TOPIC.messages, 'Write'),
    ];
    admin.allowed.push(...others);
    const text = await apply(admin, false, rights);
    expect(text).toContain(`open       ${TOPIC.messages}: User:bob may read unmasked SQL (Read on mysql. (prefix))\n`);
    expect(text).toContain(`open       ${TOPIC.messages}: User:* may read unmasked SQL (All on *)\n`);
    expect(text).not.toMatch(/carl|dora/);
    expect(admin.allowed.slice(0, others.length)).toEqual(others);
  });
});

function grant(principal: string, name: string, operation: string, isPrefix = false): Grant {
  return { principal, kind: 'topic', name, isPrefix, operation, host: '*' };
}
