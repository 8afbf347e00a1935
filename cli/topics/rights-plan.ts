import type { Grant } from '../../bus/kafka-rights.ts';
import { holdsUnmaskedSql } from '../../schemas/topic-definitions.ts';
import type { TopicOperation, TopicRight } from '../../schemas/topic-rights.ts';

export type RightStep =
  /** `operations` are those that are missing. */
  | { readonly kind: 'grant'; readonly right: TopicRight; readonly operations: readonly TopicOperation[] }
  | { readonly kind: 'granted'; readonly right: TopicRight }
  /** Somebody else may read unmasked SQL. */
  | { readonly kind: 'open'; readonly topic: string; readonly grant: Grant };

/**
 * The steps from what is allowed to what is wanted; carried out, the same call gives `granted` for all. Nothing is taken away:
 * whoever else may read a topic with unmasked SQL is named.
 *
 * @param topics Names of all topics of the deployment.
 */
export function planRights(
  wanted: readonly TopicRight[],
  found: readonly Grant[],
  topics: readonly string[],
): readonly RightStep[] {
  const steps = wanted.map((right): RightStep => {
    const operations = right.operations.filter((operation) => !found.some((grant) => covers(grant, right, operation)));
    return operations.length > 0 ? { kind: 'grant', right, operations } : { kind: 'granted', right };
  });
  const open = topics.filter(holdsUnmaskedSql).flatMap((topic) =>
    found
      .filter((grant) => grant.kind === 'topic' && allows(grant, 'Read') && isOn(grant, topic))
      .filter(({ principal }) => !wanted.some((right) => right.principal === principal && mayRead(right, topic)))
      .map((grant): RightStep => ({ kind: 'open', topic, grant })),
  );
  return [...steps, ...open];
}

function covers(grant: Grant, right: TopicRight, operation: TopicOperation): boolean {
  const isTheirs = grant.principal === right.principal || grant.principal === 'User:*';
  return (
    isTheirs && grant.host === '*' && grant.kind === right.kind && isOn(grant, right.name) && allows(grant, operation)
  );
}

function isOn({ name, isPrefix }: Grant, wanted: string): boolean {
  return isPrefix ? wanted.startsWith(name) : name === '*' || name === wanted;
}

/** Whoever may read or write may also describe. */
function allows({ operation }: Grant, wanted: TopicOperation): boolean {
  if (operation === 'All' || operation === wanted) return true;
  return wanted === 'Describe' && (operation === 'Read' || operation === 'Write');
}

function mayRead({ kind, name, operations }: TopicRight, topic: string): boolean {
  return kind === 'topic' && name === topic && operations.includes('Read');
}
