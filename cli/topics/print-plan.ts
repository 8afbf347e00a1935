import { visibleText } from '../output/visible-text.ts';
import type { RightStep } from './rights-plan.ts';
import type { TopicStep } from './topic-plan.ts';

const INDENT = '    ';

/** The plan for people: one line a step, what it changes below it. */
export function planText(steps: readonly TopicStep[]): string {
  return steps.map(stepText).join('');
}

/** The same of rights. */
export function rightsText(steps: readonly RightStep[]): string {
  return steps.map(rightText).join('');
}

function rightText(step: RightStep): string {
  if (step.kind === 'open') {
    const { principal, name, isPrefix, operation } = step.grant;
    const by = isPrefix ? `${name} (prefix)` : name;
    return block(
      `open       ${step.topic}: ${visibleText(principal)} may read unmasked SQL (${operation} on ${visibleText(by)})`,
      ['Take it away with kafka-acls.sh --remove, unless it is meant to be.'],
    );
  }
  const { principal, kind, name, operations } = step.right;
  const given = step.kind === 'grant' ? step.operations : operations;
  return block(`${step.kind.padEnd(10)} ${principal}: ${given.join(', ')} on ${kind} ${name}`, []);
}

function stepText(step: TopicStep): string {
  const { kind, topic } = step;
  switch (kind) {
    case 'create':
      return block(
        `create     ${topic.name}: ${topic.partitions} partitions, replication factor ${topic.replicationFactor}`,
        [...Object.entries(topic.settings).map(([name, value]) => `${name} = ${value}`)],
      );
    case 'change':
      return block(
        `change     ${topic.name}`,
        step.changes.map(({ name, from, to }) => `${name}: ${from ?? 'unknown'} → ${to}`),
      );
    case 'add-partitions':
      return block(`grow       ${topic.name}`, [`partitions: ${step.from} → ${topic.partitions}`]);
    case 'unchanged':
      return block(`unchanged  ${topic.name}`, []);
    case 'conflict':
      return block(`conflict   ${topic.name}: ${step.reason}`, [step.cure]);
  }
}

function block(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `${INDENT}${line}\n`).join('')}`;
}
