import type { KafkaAdmin } from '../../bus/kafka-admin.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { TopicDefinition } from '../../schemas/topic-definitions.ts';
import type { TopicRight } from '../../schemas/topic-rights.ts';
import { planText, rightsText } from './print-plan.ts';
import { planRights, type RightStep } from './rights-plan.ts';
import { planTopics, type TopicStep } from './topic-plan.ts';

/** The brokers, as far as this needs them. */
export type TopicAdmin = Pick<
  KafkaAdmin,
  'describe' | 'brokerCount' | 'create' | 'changeSettings' | 'addPartitions' | 'grants' | 'allow'
>;

/** What there is to be. */
export interface WantedTopics {
  readonly topics: readonly TopicDefinition[];
  /** Empty: rights are not looked at. */
  readonly rights: readonly TopicRight[];
}

/**
 * Makes the topics what they should be, and gives the rights: all steps, or none where one is in conflict. Doing it again changes
 * nothing.
 *
 * @param isDryRun Only prints the plan.
 * @param print Takes the plan, before anything is done.
 * @throws SqltrailError `topic_conflict`, also in a dry run; `config_invalid` for more replicas than brokers; `bus_*`.
 */
export async function applyTopics(
  admin: TopicAdmin,
  { topics, rights }: WantedTopics,
  isDryRun: boolean,
  print: (text: string) => Promise<void>,
): Promise<void> {
  const names = topics.map(({ name }) => name);
  const steps = planTopics(topics, await admin.describe(names));
  const rightSteps = rights.length === 0 ? [] : planRights(rights, await admin.grants(), names);
  await print(planText(steps) + rightsText(rightSteps));
  refuseConflicts(steps);
  await refuseTooManyReplicas(admin, steps);
  if (isDryRun) return;
  for (const step of steps) await carryOut(admin, step);
  await giveRights(admin, rightSteps);
}

async function giveRights(admin: TopicAdmin, steps: readonly RightStep[]): Promise<void> {
  const grants = steps.flatMap((step) => {
    if (step.kind !== 'grant') return [];
    const { principal, kind, name } = step.right;
    return step.operations.map((operation) => ({ principal, kind, name, isPrefix: false, operation, host: '*' }));
  });
  if (grants.length > 0) await admin.allow(grants);
}

async function carryOut(admin: TopicAdmin, step: TopicStep): Promise<void> {
  const { name, partitions } = step.topic;
  switch (step.kind) {
    case 'create':
      return admin.create(step.topic);
    case 'change':
      return admin.changeSettings(name, Object.fromEntries(step.changes.map((change) => [change.name, change.to])));
    case 'add-partitions':
      return admin.addPartitions(name, partitions);
    case 'unchanged':
    case 'conflict':
      return;
  }
}

function refuseConflicts(steps: readonly TopicStep[]): void {
  const names = steps.flatMap((step) => (step.kind === 'conflict' ? [step.topic.name] : []));
  if (names.length === 0) return;
  throw new SqltrailError(
    'topic_conflict',
    `Nothing was changed: ${names.join(', ')} cannot become what is wanted.`,
    'The plan says why, and what to do, at each `conflict`.',
  );
}

async function refuseTooManyReplicas(admin: TopicAdmin, steps: readonly TopicStep[]): Promise<void> {
  const created = steps.find((step) => step.kind === 'create');
  if (created === undefined) return;
  const brokers = await admin.brokerCount();
  const { replicationFactor } = created.topic;
  if (replicationFactor <= brokers) return;
  throw new SqltrailError(
    'config_invalid',
    `Nothing was changed: topics.replication_factor is ${replicationFactor}, but only ${brokers} broker${brokers === 1 ? ' is' : 's are'} up.`,
    `Start the other brokers, or set topics.replication_factor to ${brokers} at most; 1 loses records with a broker.`,
  );
}
