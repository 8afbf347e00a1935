import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { FeatureSet } from '../../schemas/feature-set.ts';
import type { Statement } from '../../schemas/statement.ts';
import type { Condition } from './condition.ts';

/** What is known when a predicate is asked: of a statement alone, or of a whole event. */
export interface Known {
  readonly statement: Statement | null;
  readonly features: FeatureSet;
  /** Null: only what all events with this statement and these features have in common. */
  readonly event: AuditEvent | null;
}

/** Yes, no, or: that depends on the event. */
export const NO = 0;
export const YES = 1;
export const DEPENDS = 2;
export type Answer = typeof NO | typeof YES | typeof DEPENDS;

export type Predicate = (known: Known) => Answer;

/** A condition over selections as one predicate. */
export function predicateOf(condition: Condition, selections: ReadonlyMap<string, Predicate>): Predicate {
  switch (condition.kind) {
    case 'selection':
      return selections.get(condition.name)!;
    case 'not': {
      const inner = predicateOf(condition.of, selections);
      return (known) => {
        const answer = inner(known);
        return answer === DEPENDS ? DEPENDS : answer === YES ? NO : YES;
      };
    }
    case 'and':
      return allOf(condition.of.map((part) => predicateOf(part, selections)));
    case 'or':
      return anyOf(condition.of.map((part) => predicateOf(part, selections)));
  }
}

/** Yes where all say so. */
export function allOf(parts: readonly Predicate[]): Predicate {
  if (parts.length === 1) return parts[0]!;
  return (known) => {
    let all: Answer = YES;
    for (const part of parts) {
      const answer = part(known);
      if (answer === NO) return NO;
      if (answer === DEPENDS) all = DEPENDS;
    }
    return all;
  };
}

/** Yes where one says so. */
export function anyOf(parts: readonly Predicate[]): Predicate {
  if (parts.length === 1) return parts[0]!;
  return (known) => {
    let any: Answer = NO;
    for (const part of parts) {
      const answer = part(known);
      if (answer === YES) return YES;
      if (answer === DEPENDS) any = DEPENDS;
    }
    return any;
  };
}
