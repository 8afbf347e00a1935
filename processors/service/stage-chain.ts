import { SqltrailError } from '../../runtime/errors.ts';
import { betweenTopic, TOPIC } from '../../schemas/topics.ts';

/** The stages in the order in which events pass them. */
const CHAIN = ['decode', 'identify', 'mask', 'detect', 'store'] as const;
export type StageName = (typeof CHAIN)[number] | 'alert';
/** Stages that may be left out. */
const OPTIONAL: ReadonlySet<string> = new Set(['identify', 'detect']);

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
 * @param detectsApart Another process runs detect: what ends in mask hands its events to that one.
 * @param identifiesApart Another process runs identify and nothing else: what begins with mask reads what that one writes.
 * @throws SqltrailError `usage` where the stages are no run of the chain that can work alone.
 */
export function stageChain(names: readonly string[], detectsApart = false, identifiesApart = false): StageChain {
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
  if (identifiesApart && stages.length > 1 && stages.includes('identify'))
    throw usage(
      'process.identifies_apart is set, but this process identifies itself.',
      'Leave identify out of its stages, or process.identifies_apart out of the configuration.',
    );
  if (detectsApart && first !== 'detect' && stages.includes('detect'))
    throw usage(
      'process.detects_apart is set, but this process detects itself.',
      'Leave detect out of its stages, or process.detects_apart out of the configuration.',
    );
  return {
    stages,
    group: `sqltrail.${first}`,
    input: first === 'mask' && identifiesApart ? betweenTopic('identify') : INPUTS[first as keyof typeof INPUTS],
    output: last === 'store' ? null : outputOf(stages, detectsApart),
  };
}

const INPUTS = {
  decode: TOPIC.messages,
  identify: betweenTopic('decode'),
  mask: betweenTopic('decode'),
  detect: betweenTopic('mask'),
  store: TOPIC.audit,
} as const;

function outputOf(stages: readonly StageName[], detectsApart: boolean): string {
  if (stages.includes('detect')) return TOPIC.audit;
  if (!stages.includes('mask')) return betweenTopic(stages[0] === 'identify' ? 'identify' : 'decode');
  return detectsApart ? betweenTopic('mask') : TOPIC.audit;
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

/** What lies between two stages are only ones that may be left out. */
function isSkipped(before: number, after: number): boolean {
  return after > before && CHAIN.slice(before + 1, after).every((stage) => OPTIONAL.has(stage));
}

function usage(message: string, cure: string): SqltrailError {
  return new SqltrailError('usage', message, cure);
}
