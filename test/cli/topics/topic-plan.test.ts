import { describe, expect, it } from 'vitest';
import type { TopicDescription } from '../../../bus/kafka-admin.ts';
import { planText } from '../../../cli/topics/print-plan.ts';
import { planTopics } from '../../../cli/topics/topic-plan.ts';
import type { TopicDefinition } from '../../../schemas/topic-definitions.ts';
import { TOPIC } from '../../../schemas/topics.ts';

const MESSAGES: TopicDefinition = {
  name: TOPIC.messages,
  partitions: 6,
  replicationFactor: 1,
  isByConnection: true,
  settings: { 'retention.ms': '1000', 'cleanup.policy': 'delete' },
};
const AUDIT: TopicDefinition = { ...MESSAGES, name: TOPIC.audit };
const LEDGER: TopicDefinition = { ...MESSAGES, name: TOPIC.ledger, partitions: 3, isByConnection: false };

function found(topic: TopicDefinition, difference: Partial<TopicDescription> = {}): [string, TopicDescription] {
  const { partitions, replicationFactor } = topic;
  const settings = new Map([...Object.entries(topic.settings), ['segment.bytes', '1073741824'] as const]);
  return [topic.name, { partitions, replicationFactor, settings, isEmpty: false, ...difference }];
}

const kinds = (wanted: readonly TopicDefinition[], there: [string, TopicDescription][]) =>
  planTopics(wanted, new Map(there)).map((step) => `${step.kind} ${step.topic.name}`);

describe('plan of topics', () => {
  it('creates what is missing and leaves alone what is as wanted', () => {
    expect(kinds([MESSAGES, AUDIT], [found(AUDIT)])).toEqual([`create ${TOPIC.messages}`, `unchanged ${TOPIC.audit}`]);
  });

  it('changes only the settings that differ, and none that it does not define', () => {
    const drifted = found(AUDIT, {
      settings: new Map([
        ['retention.ms', '5'],
        ['cleanup.policy', 'delete'],
        ['flush.ms', '1'],
      ]),
    });
    expect(planTopics([AUDIT], new Map([drifted]))).toEqual([
      { kind: 'change', topic: AUDIT, changes: [{ name: 'retention.ms', from: '5', to: '1000' }] },
    ]);
  });

  it('refuses to add partitions by connection while records are there', () => {
    const [step] = planTopics([MESSAGES], new Map([found(MESSAGES, { partitions: 3 })]));
    expect(step).toMatchObject({ kind: 'conflict', reason: expect.stringContaining('away from their state') });
  });

  it('refuses it too where only the state of the connections is there', () => {
    const state = { ...MESSAGES, name: 'mysql.state.sqltrail.decode.v1' };
    expect(kinds([MESSAGES, state], [found(state, { partitions: 3 })])).toEqual([
      `create ${TOPIC.messages}`,
      `conflict ${state.name}`,
    ]);
  });

  it('adds partitions by connection while every such topic is empty', () => {
    const empty = { partitions: 3, isEmpty: true };
    expect(kinds([MESSAGES, AUDIT], [found(MESSAGES, empty), found(AUDIT, empty)])).toEqual([
      `add-partitions ${TOPIC.messages}`,
      `add-partitions ${TOPIC.audit}`,
    ]);
  });

  it('adds partitions to a later topic that has fewer than the messages, for no connection moves by that', () => {
    expect(kinds([MESSAGES, AUDIT], [found(MESSAGES), found(AUDIT, { partitions: 1 })])).toEqual([
      `unchanged ${TOPIC.messages}`,
      `add-partitions ${TOPIC.audit}`,
    ]);
  });

  it('adds partitions to a topic without order between its keys, whatever is in it', () => {
    expect(kinds([LEDGER], [found(LEDGER, { partitions: 1 })])).toEqual([`add-partitions ${TOPIC.ledger}`]);
  });

  it('cannot take partitions away, nor move replicas', () => {
    expect(kinds([AUDIT], [found(AUDIT, { partitions: 7 })])).toEqual([`conflict ${TOPIC.audit}`]);
    expect(kinds([AUDIT], [found(AUDIT, { replicationFactor: 2 })])).toEqual([`conflict ${TOPIC.audit}`]);
  });

  it('prints each step with what it does', () => {
    const drifted = found(AUDIT, { partitions: 2, settings: new Map([['cleanup.policy', 'delete']]) });
    const text = planText(planTopics([MESSAGES, AUDIT, LEDGER], new Map([drifted, found(LEDGER, { partitions: 9 })])));
    expect(text).toContain(
      `create     ${TOPIC.messages}: 6 partitions, replication factor 1\n    retention.ms = 1000\n`,
    );
    expect(text).toContain(`conflict   ${TOPIC.ledger}: it has 9 partitions and 3 are wanted`);
    expect(planText(planTopics([LEDGER, AUDIT], new Map([found(LEDGER), drifted])))).toContain(
      'conflict   mysql.audit.v1',
    );
  });
});
