import { stateTopic, TOPIC } from './topics.ts';

export type TopicOperation = 'Read' | 'Write' | 'Describe';

/** What a principal needs of one topic or consumer group, by its exact name. */
export interface TopicRight {
  /** As the brokers name it: `User:sqltrail-edge`. */
  readonly principal: string;
  readonly kind: 'topic' | 'group';
  readonly name: string;
  readonly operations: readonly TopicOperation[];
}

/** Who logs in as what; undefined: nothing is given to this kind of service. */
export interface TopicPrincipals {
  readonly edge?: string | undefined;
  /** Processes without the stage store. */
  readonly process?: string | undefined;
  /** Processes with it. */
  readonly store?: string | undefined;
  /** The stage alert. */
  readonly alert?: string | undefined;
  readonly watch?: string | undefined;
}

/** A run of stages in one process, as `stageChain` tells. */
export interface RightsChain {
  readonly stages: readonly string[];
  readonly group: string;
  readonly input: string;
  /** Null: the store. */
  readonly output: string | null;
}

/**
 * The rights that edges, watchers and these kinds of processes need, and no other: who may read a topic with unmasked SQL sees what the
 * applications see.
 */
export function topicRights(chains: readonly RightsChain[], principals: TopicPrincipals): TopicRight[] {
  const rights = new Map<string, TopicRight>();
  const give = (
    principal: string | undefined,
    kind: TopicRight['kind'],
    name: string,
    ...operations: TopicOperation[]
  ) => {
    if (principal === undefined) return;
    const key = `${principal}|${kind}|${name}`;
    const before = rights.get(key)?.operations ?? [];
    rights.set(key, { principal, kind, name, operations: [...new Set([...before, ...operations])] });
  };
  for (const name of [TOPIC.messages, TOPIC.ledger]) give(principals.edge, 'topic', name, 'Write', 'Describe');
  give(principals.watch, 'topic', TOPIC.sessions, 'Read', 'Write', 'Describe');
  give(principals.watch, 'topic', TOPIC.ledger, 'Write', 'Describe');
  for (const { stages, group, input, output } of chains) {
    const isStore = stages.includes('store');
    const isAlert = stages.includes('alert');
    const principal = isAlert ? principals.alert : isStore ? principals.store : principals.process;
    give(principal, 'topic', input, 'Read', 'Describe');
    give(principal, 'group', group, 'Read');
    give(principal, 'topic', stateTopic(group), 'Read', 'Write', 'Describe');
    if (stages.includes('identify')) give(principal, 'topic', TOPIC.sessions, 'Read', 'Describe');
    if (isStore) for (const name of [TOPIC.ledger, TOPIC.findings]) give(principal, 'topic', name, 'Read');
    const written = [TOPIC.ledger, TOPIC.deadLetter, ...(isAlert ? [] : [TOPIC.findings])];
    for (const name of output === null ? written : [output, ...written])
      give(principal, 'topic', name, 'Write', 'Describe');
  }
  return [...rights.values()];
}
