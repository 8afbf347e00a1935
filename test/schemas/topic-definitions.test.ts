import { describe, expect, it } from 'vitest';
import {
  holdsUnmaskedSql,
  type TopicChain,
  type TopicOptions,
  topicDefinitions,
} from '../../schemas/topic-definitions.ts';
import { betweenTopic, stateTopic, TOPIC } from '../../schemas/topics.ts';

const AFTER_DECODE = betweenTopic('decode');
const DECODE_TO_MASK: TopicChain = { group: 'sqltrail.decode', input: TOPIC.messages, output: TOPIC.audit };
const DECODE: TopicChain = { group: 'sqltrail.decode', input: TOPIC.messages, output: AFTER_DECODE };
const MASK: TopicChain = { group: 'sqltrail.mask', input: AFTER_DECODE, output: TOPIC.audit };
const STORE: TopicChain = { group: 'sqltrail.store', input: TOPIC.audit, output: null };
const OPTIONS: TopicOptions = {
  partitions: 12,
  replicationFactor: 3,
  rawRetentionHours: 24,
  auditRetentionHours: 168,
  ledgerRetentionHours: 72,
  deadLetterRetentionHours: 336,
  chains: [DECODE_TO_MASK, STORE],
};
const HOUR_MS = 3_600_000;
/** Kafka's default for the largest request a broker takes. */
const BROKER_REQUEST_BYTES = 104_857_600;

const named = (options: Partial<TopicOptions> = {}) =>
  new Map(topicDefinitions({ ...OPTIONS, ...options }).map((topic) => [topic.name, topic]));

describe('topic definitions', () => {
  it('defines every named topic and the state topic of each group, and no topic between stages of one process', () => {
    const expected = [...Object.values(TOPIC), stateTopic('sqltrail.decode'), stateTopic('sqltrail.store')];
    expect([...named().keys()].sort()).toEqual(expected.sort());
  });

  it('defines the state of who alerts, and findings in one partition that shows all of a campaign', () => {
    const alert = { group: 'sqltrail.alert', input: TOPIC.findings, output: null };
    const topics = named({ chains: [DECODE_TO_MASK, STORE, alert] });
    expect(topics.get(TOPIC.findings)).toMatchObject({ partitions: 1, settings: { 'cleanup.policy': 'delete' } });
    expect(topics.get(stateTopic('sqltrail.alert'))?.settings['cleanup.policy']).toBe('compact');
    expect([...topics.keys()].filter((name) => name.startsWith('mysql.after'))).toEqual([]);
  });

  it('defines a topic between each two processes, even where nobody reads it yet', () => {
    const apart = named({ chains: [DECODE, MASK, STORE] });
    expect([...apart.keys()].filter((name) => name.startsWith('mysql.after'))).toEqual([AFTER_DECODE]);
    for (const { group } of [DECODE, MASK, STORE]) expect(apart.has(stateTopic(group))).toBe(true);
    expect(named({ chains: [DECODE] }).has(AFTER_DECODE)).toBe(true);
  });

  it('gives every topic that is partitioned by connection the same number of partitions', () => {
    const topics = [...named({ partitions: 2 }).values()].filter((topic) => topic.isByConnection);
    expect(topics.map(({ name }) => name)).toEqual([
      TOPIC.messages,
      stateTopic('sqltrail.decode'),
      stateTopic('sqltrail.store'),
      TOPIC.audit,
    ]);
    expect(topics.every(({ partitions }) => partitions === 2)).toBe(true);
  });

  it('keeps nothing with unmasked SQL longer than the raw records', () => {
    const apart = named({ chains: [DECODE, MASK, STORE] });
    for (const { name, settings } of apart.values()) {
      if (!holdsUnmaskedSql(name)) continue;
      const limit = settings['cleanup.policy'] === 'compact' ? 'max.compaction.lag.ms' : 'retention.ms';
      expect([name, settings[limit]]).toEqual([name, String(24 * HOUR_MS)]);
    }
  });

  it('takes retention of public topics from its options', () => {
    const topics = named();
    expect(topics.get(TOPIC.audit)?.settings['retention.ms']).toBe(String(168 * HOUR_MS));
    expect(topics.get(TOPIC.ledger)?.settings['retention.ms']).toBe(String(72 * HOUR_MS));
    expect(topics.get(TOPIC.deadLetter)?.settings['retention.ms']).toBe(String(336 * HOUR_MS));
  });

  it('compacts state no earlier than ten minutes after it was written', () => {
    expect(named().get(stateTopic('sqltrail.decode'))?.settings).toMatchObject({
      'cleanup.policy': 'compact',
      'min.compaction.lag.ms': '600000',
    });
  });

  it('lets no topic take a record that a segment or a request could not hold', () => {
    for (const { name, settings } of named({ chains: [DECODE, MASK] }).values()) {
      const longest = Number(settings['max.message.bytes']);
      expect([name, longest <= Number(settings['segment.bytes']), longest < BROKER_REQUEST_BYTES]).toEqual([
        name,
        true,
        true,
      ]);
    }
  });

  it('lets events and state be as long as the longest statement makes them', () => {
    const topics = named({ chains: [DECODE, MASK] });
    const base64Bytes = Math.ceil((64 * 1024 * 1024 * 4) / 3);
    expect(Number(topics.get(betweenTopic('decode'))?.settings['max.message.bytes'])).toBeGreaterThan(base64Bytes);
    expect(topics.get(stateTopic('sqltrail.decode'))?.settings['max.message.bytes']).toBe(String(64 * 1024 * 1024));
  });

  it('asks for two replicas in sync only where one of three may be away', () => {
    const inSync = [1, 2, 3, 5].map(
      (replicationFactor) => named({ replicationFactor }).get(TOPIC.audit)?.settings['min.insync.replicas'],
    );
    expect(inSync).toEqual(['1', '1', '2', '2']);
  });
});
