import { describe, expect, it } from 'vitest';
import type { NewTopic, TopicDescription } from '../../../bus/kafka-admin.ts';
import { applyTopics, type TopicAdmin } from '../../../cli/topics/apply-topics.ts';
import { topicDefinitions } from '../../../schemas/topic-definitions.ts';
import { TOPIC } from '../../../schemas/topics.ts';

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

async function apply(admin: TopicAdmin, isDryRun = false): Promise<string> {
  let text = '';
  await applyTopics(admin, WANTED, isDryRun, (plan) => {
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
