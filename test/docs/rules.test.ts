import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FIELD_NAMES } from '../../processors/detect/compile-field.ts';
import { loadRules } from '../../processors/detect/load-rules.ts';
import { readSuppressions } from '../../processors/detect/read-suppressions.ts';
import { ruleFileSchema } from '../../processors/detect/rule-schema.ts';
import { trySamples } from '../../processors/detect/try-samples.ts';
import { FEATURES } from '../../schemas/feature-names.ts';

const PAGE = readFileSync('docs/rules.md', 'utf8');
const [EXAMPLE, SUPPRESSIONS] = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map((block) => block[1]!);
const place = mkdtempSync(join(tmpdir(), 'rules-'));
const folder = join(place, 'rules');
mkdirSync(folder);
afterAll(() => rmSync(place, { recursive: true }));

describe('the page on rules', () => {
  it('has every key, field and feature, each feature in the words of the program', () => {
    for (const key of Object.keys(ruleFileSchema.shape)) expect(PAGE).toMatch(new RegExp(`^\\| \`${key}\` +\\|`, 'm'));
    for (const field of FIELD_NAMES) expect(PAGE).toMatch(new RegExp(`^\\| \`${field}\` +\\|`, 'm'));
    const listed = [...PAGE.slice(PAGE.indexOf('## Features')).matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)].map((row) => [
      row[1],
      row[2],
    ]);
    expect(listed).toEqual(Object.entries(FEATURES));
  });

  it('has an example that works as written: with its samples, beside the own rules', () => {
    writeFileSync(join(folder, 'shop.customers_in_bulk.yml'), EXAMPLE!);
    const rules = loadRules({ folders: [folder], disable: [], override: {} });
    expect(rules.rule('shop.customers_in_bulk')?.level).toBe('medium');
    expect(trySamples(rules).failures).toEqual([]);
  });

  it('has commands that do what it says', () => {
    writeFileSync(join(folder, 'shop.customers_in_bulk.yml'), EXAMPLE!);
    const config = join(place, 'sqltrail.yml');
    writeFileSync(config, `rules: {folders: [${folder}]}\n`);
    const sql = /rules explain "(.*?)"/.exec(PAGE)![1]!;
    expect(sqltrail('rules', 'explain', sql)).toMatch(/concat_credentials: .*\n(?:.*\n)*.*exfil\.concat_columns/);
    expect(sqltrail('rules', 'test', '--config', config)).toMatch(
      /^\d+ rules, \d+ samples: all do what they should\.\n$/,
    );
    expect(sqltrail('rules', 'list', '--config', config)).toMatch(
      /^shop\.customers_in_bulk +medium +response +Customers read/m,
    );
  });

  it('has suppressions that are read', () => {
    expect(readSuppressions(SUPPRESSIONS!, 'docs/rules.md')).toHaveLength(1);
  });
});

function sqltrail(...args: string[]): string {
  return execFileSync('node', ['--import', 'tsx', 'cli/main.ts', ...args], { encoding: 'utf8' });
}
