import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publicSchemas } from '../../schemas/json/public-schemas.ts';

const FOLDER = 'schemas/json';

describe('JSON Schemas of the public topics', () => {
  it('are in the files as the code has them (else: node --import tsx schemas/json/write.ts)', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
    expect(files.sort()).toEqual([...publicSchemas().keys()].sort());
    for (const [name, schema] of publicSchemas())
      expect(JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8'))).toEqual(schema);
  });

  it('say which draft they are, and let a later version add fields', () => {
    for (const schema of publicSchemas().values()) {
      expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
      const variants = (schema['oneOf'] ?? [schema]) as Record<string, unknown>[];
      for (const variant of variants) expect(variant['additionalProperties']).toBeUndefined();
    }
  });

  it('have no field for unmasked values', () => {
    const audit = publicSchemas().get('audit.schema.json')?.['properties'];
    for (const name of ['statement_raw', 'parameters', 'query_attributes']) expect(audit).not.toHaveProperty(name);
  });
});
