import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SqltrailError } from '../../runtime/errors.ts';
import { chooseRules, EVERY_OWN_RULE, type RuleChoice } from './choose-rules.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { OWN_RULES } from './own-rules.ts';
import { readRule } from './read-rule.ts';
import type { RuleSet } from './rule-set.ts';

const MOST_FILES = 2000;
const MOST_BYTES = 64 * 1024;

/** Reads the own rules from their files, and those of the folders. @throws SqltrailError as `readFolder` and `chooseRules`. */
export function loadRules(choice: RuleChoice = EVERY_OWN_RULE): RuleSet {
  return chooseRules([OWN_RULES, ...choice.folders].flatMap(readFolder), choice);
}

/**
 * Reads every `*.yml` of a folder, not of folders within it.
 *
 * @throws SqltrailError `config_invalid`: a folder or file that cannot be read or is no rule, an id twice.
 */
export function readFolder(folder: string): CompiledRule[] {
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
