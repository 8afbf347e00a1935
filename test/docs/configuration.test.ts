import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkedConfig } from '../../cli/config/checked-config.ts';
import { type ConfigField, configFields } from '../../cli/config/config-fields.ts';
import { configSchema } from '../../cli/config/config-schema.ts';
import { WELL_KNOWN_VARIABLES } from '../../cli/config/environment-overlay.ts';
import { loadConfig } from '../../cli/config/load-config.ts';
import { yamlValue } from '../../runtime/yaml.ts';

const PAGE = readFileSync('docs/configuration.md', 'utf8');
const EXAMPLE = 'deploy/sqltrail.yml';

/** Rows of the page's tables of settings, without the blanks that align them. */
const rows = PAGE.slice(PAGE.indexOf('## Every setting'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.replace(/ +/g, ' '));

function rowOf({ path, default: value, description, choices }: ConfigField): string {
  const words = choices === null ? '' : ` One of: ${choices.map((choice) => `\`${choice}\``).join(', ')}.`;
  const cells = [`\`${path}\``, value === undefined ? '' : `\`${yamlValue(value)}\``, `${description}${words}`];
  return `| ${cells.join(' | ')} |`.replace(/ +/g, ' ');
}

describe('the page on configuration', () => {
  it('has every setting with its default and meaning, in the words of the schema, and no other', () => {
    expect(rows).toEqual([...configFields()].sort(sectionsFirst).map(rowOf));
  });

  it('has a heading for every section', () => {
    const sections = Object.keys(configSchema.shape).filter((key) =>
      configFields().some(({ path }) => path.startsWith(`${key}.`)),
    );
    for (const section of sections) expect(PAGE).toContain(`\n### ${section}\n`);
  });

  it('names the well-known variables', () => {
    for (const variable of Object.keys(WELL_KNOWN_VARIABLES)) expect(PAGE).toContain(`\`${variable}\``);
  });
});

describe('the example of a configuration', () => {
  it('is accepted', () => {
    expect(checkedConfig(EXAMPLE, {}).warnings).toEqual([]);
  });

  it('names every setting, and holds the defaults where it does not name places', () => {
    const text = readFileSync(EXAMPLE, 'utf8');
    const example = loadConfig(EXAMPLE, {});
    const defaults = configSchema.parse({});
    for (const section of ['process', 'masking', 'store', 'topics', 'http', 'log', 'shutdown_deadline_s'] as const)
      expect(example[section]).toEqual(defaults[section]);
    expect(example.clickhouse).toMatchObject({
      batch: defaults.clickhouse.batch,
      retention_days: defaults.clickhouse.retention_days,
    });
    const { spool: _, ...edge } = defaults.edge;
    expect(example.edge).toMatchObject(edge);
    for (const { path, isSecret } of configFields()) {
      if (!isSecret) expect(text).toMatch(new RegExp(`^[ #]*${path.split('.').at(-1)}:`, 'm'));
    }
  });
});

/** Settings without a section come last on the page; the others stay in the schema's order. */
function sectionsFirst(one: ConfigField, other: ConfigField): number {
  return Number(!one.path.includes('.')) - Number(!other.path.includes('.'));
}
