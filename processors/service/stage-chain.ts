import { SqltrailError } from '../../runtime/errors.ts';
import { betweenTopic, TOPIC } from '../../schemas/topics.ts';

/** The stages in the order in which events pass them. */
const CHAIN = ['decode', 'identify', 'mask', 'detect', 'store'] as const;
export type StageName = (typeof CHAIN)[number] | 'alert';
/** Named so that commands and configurations need not change when they come; today events pass through them unchanged. */
const LATER: ReadonlySet<string> = new Set(['identify', 'detect']);

/** A run of stages in one process. */
export interface StageChain {
  readonly stages: readonly StageName[];
  /** Consumer group. */
  readonly group: string;
  readonly input: string;
  /** Topic of the events; null: the store. */
  readonly output: string | null;
}

/**
 * @param names As given, in any case of order mistakes.
 * @throws SqltrailError `usage` where the stages are no run of the chain that can work alone.
 */
export function stageChain(names: readonly string[]): StageChain {
  const stages = names.map(stageName);
  if (stages.includes('alert')) return alertChain(stages);
  const order = stages.map((stage) => (CHAIN as readonly StageName[]).indexOf(stage));
  if (order.some((place, i) => i > 0 && place !== order[i - 1]! + 1 && !isSkipped(order[i - 1]!, place)))
    throw usage(
      `The stages ${names.join(', ')} do not follow each other.`,
      `Give a run of ${CHAIN.join(', ')}; identify and detect may be left out.`,
    );
  const first = stages[0]!;
  const last = stages.at(-1)!;
  if (LATER.has(first))
    throw usage(
      `The stage ${first} does nothing yet in this version and cannot run alone.`,
      'Run it together with the stage before it, or leave it out.',
    );
  return {
    stages,
    group: `sqltrail.${first}`,
    input: first === 'decode' ? TOPIC.messages : first === 'mask' ? betweenTopic('decode') : TOPIC.audit,
    output: last === 'store' ? null : stages.includes('mask') ? TOPIC.audit : betweenTopic('decode'),
  };
}

/** Beside the chain: it reads findings, whoever made them. */
function alertChain(stages: readonly StageName[]): StageChain {
  if (stages.length > 1)
    throw usage(
      'The stage alert runs in a process of its own.',
      'Give --stages alert to one process, the others to another.',
    );
  return { stages, group: 'sqltrail.alert', input: TOPIC.findings, output: null };
}

function stageName(name: string): StageName {
  const known = name === 'alert' ? name : CHAIN.find((stage) => stage === name);
  if (known !== undefined) return known;
  throw usage(`There is no stage '${name}'.`, `Give some of ${CHAIN.join(', ')}; or alert.`);
}

/** What lies between two stages are only ones that do nothing. */
function isSkipped(before: number, after: number): boolean {
  return after > before && CHAIN.slice(before + 1, after).every((stage) => LATER.has(stage));
}

function usage(message: string, cure: string): SqltrailError {
  return new SqltrailError('usage', message, cure);
}
