import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../processors/detect/load-rules.ts';
import { OWN_RULES, OWN_RULES_BUNDLE, ownRules } from '../../../processors/detect/own-rules.ts';
import { SampleEvents } from '../../../processors/detect/sample-event.ts';
import { parseYaml } from '../../../runtime/yaml.ts';

const rules = loadRules();
const events = new SampleEvents();
const DETECTIONS = '../shared/corpora/detections.json';

describe('the rules that come with the program', () => {
  it('are one in each file, which is named after it', () => {
    const names = readdirSync(OWN_RULES).filter((name) => name.endsWith('.yml'));
    expect(rules.rules.map(({ id }) => `${id}.yml`).sort()).toEqual(names.sort());
    for (const { id, file } of rules.rules) expect(file).toBe(join(OWN_RULES, `${id}.yml`));
  });

  it('are in one bundle, as the files have them (npx vitest -u writes it anew)', async () => {
    const lines = readdirSync(OWN_RULES)
      .filter((name) => name.endsWith('.yml'))
      .sort()
      .map((file) => JSON.stringify({ file, rule: parseYaml(readFileSync(join(OWN_RULES, file), 'utf8')).value }));
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(OWN_RULES_BUNDLE);
    expect(ownRules().map(({ rule }) => rule)).toEqual(rules.rules);
  });

  it('name a technique of ATT&CK each, and say what else looks like it or where to read on', () => {
    for (const { id, tags } of rules.rules)
      expect([id, tags.some((tag) => /^attack\.t\d{4}/.test(tag))]).toEqual([id, true]);
  });

  it.skipIf(!existsSync(DETECTIONS))('are all those that the detections worth having ask for (needs ../shared)', () => {
    const wanted = (JSON.parse(readFileSync(DETECTIONS, 'utf8')) as { id: string }[]).map(({ id }) => id);
    for (const id of wanted) expect([id, rules.rule(id)?.id]).toEqual([id, id]);
  });
});

for (const { rule, matches, samples } of rules.compiled) {
  if (matches === null) continue;
  describe(rule.id, () => {
    it.each(samples.matching.map((sample) => [label(sample), sample] as const))('matches %s', (_, sample) => {
      expect(rules.judge(events.event(sample)).ruleIds).toContain(rule.id);
    });
    it.each(samples.notMatching.map((sample) => [label(sample), sample] as const))('leaves %s', (_, sample) => {
      expect(rules.judge(events.event(sample)).ruleIds).not.toContain(rule.id);
    });
  });
}

function label(sample: unknown): string {
  return typeof sample === 'string' ? sample : JSON.stringify(sample);
}
