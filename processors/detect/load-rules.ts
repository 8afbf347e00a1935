import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SqltrailError } from '../../runtime/errors.ts';
import { packageRoot } from '../../runtime/package-root.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { readRule } from './read-rule.ts';
import type { RuleLevel } from './rule.ts';
import { RuleSet } from './rule-set.ts';

/** The folder of the rules that come with the program. */
export const OWN_RULES = join(packageRoot(), 'rules');

const MOST_FILES = 2000;
const MOST_BYTES = 64 * 1024;

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
 * Reads every `*.yml` of the folders, not of folders within them.
 *
 * @throws SqltrailError `config_invalid`: a folder or file that cannot be read or is no rule, an id twice in a folder, an unknown id
 * in `disable` or `override`.
 */
export function loadRules(choice: RuleChoice = EVERY_OWN_RULE, own: string = OWN_RULES): RuleSet {
  const rules = new Map<string, CompiledRule>();
  for (const folder of [own, ...choice.folders]) {
    for (const compiled of readFolder(folder)) rules.set(compiled.rule.id, compiled);
  }
  for (const id of [...choice.disable, ...Object.keys(choice.override)])
    if (!rules.has(id)) throw invalid(`There is no rule ${id}, which the configuration names.`);
  for (const id of choice.disable) rules.delete(id);
  for (const [id, { level }] of Object.entries(choice.override)) {
    const compiled = rules.get(id);
    if (compiled !== undefined) rules.set(id, { ...compiled, rule: Object.freeze({ ...compiled.rule, level }) });
  }
  return new RuleSet([...rules.values()]);
}

function readFolder(folder: string): CompiledRule[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch (cause) {
    throw invalid(`The rules folder ${folder} cannot be read.`, cause);
  }
  if (names.length > MOST_FILES) throw invalid(`The rules folder ${folder} holds more than ${MOST_FILES} files.`);
  const byId = new Map<string, CompiledRule>();
  for (const name of names.sort()) {
    const path = join(folder, name);
    const compiled = readRule(readText(path), path);
    const before = byId.get(compiled.rule.id);
    if (before !== undefined) throw invalid(`${path} and ${before.rule.file} both have the id ${compiled.rule.id}.`);
    byId.set(compiled.rule.id, compiled);
  }
  return [...byId.values()];
}

function readText(path: string): string {
  try {
    if (statSync(path).size <= MOST_BYTES) return readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(`The rule file ${path} cannot be read.`, cause);
  }
  throw invalid(`The rule file ${path} is larger than ${MOST_BYTES / 1024} KiB.`);
}

function invalid(message: string, cause?: unknown): SqltrailError {
  return new SqltrailError('config_invalid', message, 'Correct it; `sqltrail rules test` tries all rules.', { cause });
}
