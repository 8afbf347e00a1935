import { SqltrailError } from '../../runtime/errors.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { RuleLevel } from './rule.ts';
import { RuleSet } from './rule-set.ts';

/** What a deployment changes about the rules. */
export interface RuleChoice {
  /** Read after the own rules, in this order; a rule of the same id replaces the earlier one. */
  readonly folders: readonly string[];
  /** Ids of rules that are left out. */
  readonly disable: readonly string[];
  /** By id: another level, which its escalations can still raise. */
  readonly override: Readonly<Record<string, { readonly level: RuleLevel }>>;
}

export const EVERY_OWN_RULE: RuleChoice = { folders: [], disable: [], override: {} };

/**
 * The rules in force.
 *
 * @param given Those of the own folder and of the others, in order.
 * @throws SqltrailError `config_invalid`: an unknown id in `disable` or `override`.
 */
export function chooseRules(given: readonly CompiledRule[], { disable, override }: RuleChoice): RuleSet {
  const rules = new Map(given.map((compiled) => [compiled.rule.id, compiled]));
  for (const id of [...disable, ...Object.keys(override)])
    if (!rules.has(id))
      throw new SqltrailError(
        'config_invalid',
        `There is no rule ${id}, which the configuration names.`,
        '`sqltrail rules list` names all rules.',
      );
  for (const id of disable) rules.delete(id);
  for (const [id, { level }] of Object.entries(override)) {
    const compiled = rules.get(id);
    if (compiled !== undefined) rules.set(id, { ...compiled, rule: Object.freeze({ ...compiled.rule, level }) });
  }
  return new RuleSet([...rules.values()]);
}
