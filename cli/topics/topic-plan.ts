import type { TopicDescription } from '../../bus/kafka-admin.ts';
import type { TopicDefinition } from '../../schemas/topic-definitions.ts';
import { TOPIC } from '../../schemas/topics.ts';

/** What has to be done for one topic. A topic may need several steps; `unchanged` and `conflict` stand alone. */
export type TopicStep =
  | { readonly kind: 'create'; readonly topic: TopicDefinition }
  | { readonly kind: 'change'; readonly topic: TopicDefinition; readonly changes: readonly SettingChange[] }
  | { readonly kind: 'add-partitions'; readonly topic: TopicDefinition; readonly from: number }
  | { readonly kind: 'unchanged'; readonly topic: TopicDefinition }
  | { readonly kind: 'conflict'; readonly topic: TopicDefinition; readonly reason: string; readonly cure: string };

export interface SettingChange {
  readonly name: string;
  /** Null where the brokers do not know the setting. */
  readonly from: string | null;
  readonly to: string;
}

/**
 * The steps from what is there to what is wanted; carried out, the same call gives `unchanged` for all. Topics and settings that
 * are not among the wanted ones are left as they are.
 */
export function planTopics(
  wanted: readonly TopicDefinition[],
  found: ReadonlyMap<string, TopicDescription>,
): readonly TopicStep[] {
  const mayGrow = mayConnectionsMove(wanted, found);
  return wanted.flatMap((topic): TopicStep[] => {
    const there = found.get(topic.name);
    if (there === undefined) return [{ kind: 'create', topic }];
    const conflict = conflictOf(topic, there, mayGrow);
    if (conflict !== null) return [{ kind: 'conflict', topic, ...conflict }];
    const steps: TopicStep[] = [];
    const changes = changesOf(topic, there);
    if (changes.length > 0) steps.push({ kind: 'change', topic, changes });
    if (there.partitions < topic.partitions) steps.push({ kind: 'add-partitions', topic, from: there.partitions });
    return steps.length > 0 ? steps : [{ kind: 'unchanged', topic }];
  });
}

function changesOf(topic: TopicDefinition, there: TopicDescription): SettingChange[] {
  return Object.entries(topic.settings)
    .map(([name, to]) => ({ name, from: there.settings.get(name) ?? null, to }))
    .filter(({ from, to }) => from !== to);
}

/**
 * Whether the number of partitions may change: the edges choose a connection's partition by that of the messages topic, all later
 * topics follow. So where that number stays, or nothing has been written yet, no connection moves.
 */
function mayConnectionsMove(wanted: readonly TopicDefinition[], found: ReadonlyMap<string, TopicDescription>): boolean {
  const byConnection = wanted.filter((topic) => topic.isByConnection);
  const stays = byConnection.some(
    ({ name, partitions }) => name === TOPIC.messages && found.get(name)?.partitions === partitions,
  );
  return stays || byConnection.every(({ name }) => found.get(name)?.isEmpty ?? true);
}

function conflictOf(
  topic: TopicDefinition,
  there: TopicDescription,
  mayGrow: boolean,
): { reason: string; cure: string } | null {
  if (there.partitions > topic.partitions) {
    return {
      reason: `it has ${there.partitions} partitions and ${topic.partitions} are wanted: Kafka cannot take partitions away`,
      cure: topic.isByConnection
        ? `Set topics.partitions to ${there.partitions}, or delete the topic once everything in it has been processed.`
        : 'Delete the topic once everything in it has been processed, and apply again.',
    };
  }
  if (there.partitions < topic.partitions && topic.isByConnection && !mayGrow) {
    return {
      reason: `it has ${there.partitions} partitions and ${topic.partitions} are wanted, and records are there: open connections would go on in another partition, away from their state`,
      cure: `Keep topics.partitions at ${there.partitions}; or stop the edges (they spool), let the processors catch up and stop them, delete the topics that are partitioned by connection (docs/topics.md), apply, and start again: connections open at that moment go on as midstream.`,
    };
  }
  if (there.replicationFactor !== topic.replicationFactor) {
    return {
      reason: `its replication factor is ${there.replicationFactor} and ${topic.replicationFactor} is wanted: that moves data between brokers and is not done here`,
      cure: `Move it with kafka-reassign-partitions.sh, or set topics.replication_factor to ${there.replicationFactor}.`,
    };
  }
  return null;
}
