import { describe, expect, it } from 'vitest';
import { bindParameters } from '../../../cli/query/bind-parameters.ts';
import {
  findInvestigation,
  listInvestigations,
  parseInvestigation,
  readInvestigations,
} from '../../../cli/query/investigation.ts';

const EXAMPLE = `-- title: An example
-- description: First line,
-- description: second line.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: user String =
-- parameter: table String
-- parameter: limit UInt32 = 10
SELECT {since:DateTime64(6, 'UTC')}, {user:String}, {table:String} -- a comment that stays
LIMIT {limit:UInt32}
`;
const example = parseInvestigation('example', EXAMPLE);

describe('parseInvestigation', () => {
  it('reads the header and leaves the SQL', () => {
    expect(example).toEqual({
      name: 'example',
      title: 'An example',
      description: 'First line, second line.',
      parameters: [
        { name: 'since', type: "DateTime64(6, 'UTC')", defaultValue: '1970-01-01 00:00:00' },
        { name: 'user', type: 'String', defaultValue: '' },
        { name: 'table', type: 'String', defaultValue: null },
        { name: 'limit', type: 'UInt32', defaultValue: '10' },
      ],
      sql: "SELECT {since:DateTime64(6, 'UTC')}, {user:String}, {table:String} -- a comment that stays\nLIMIT {limit:UInt32}",
    });
  });

  it.each([
    ['a parameter that is not used', '-- title: x\n-- parameter: user String =\nSELECT 1'],
    ['a parameter that is not declared', '-- title: x\nSELECT {user:String}'],
    ['types that differ', '-- title: x\n-- parameter: user String =\nSELECT {user:UInt8}'],
    ['a parameter that cannot be read', '-- title: x\n-- parameter: user\nSELECT 1'],
    ['no title', 'SELECT 1'],
  ])('refuses %s', (_, text) => {
    expect(() => parseInvestigation('broken', text)).toThrow(/^broken/);
  });
});

describe('bindParameters', () => {
  const bind = (given: Record<string, string>) => bindParameters(example, new Map(Object.entries(given)), 0);

  it('takes what is given and defaults for the rest', () => {
    expect(bind({ table: 't', since: '2026-01-01' })).toEqual({
      since: '2026-01-01 00:00:00.000000',
      user: '',
      table: 't',
      limit: 10,
    });
    expect(bind({ table: 't', user: "'; DROP", limit: '5' })).toMatchObject({ user: "'; DROP", limit: 5 });
  });

  it.each([
    [{}, 'needs --table'],
    [{ table: 't', digest: 'x' }, 'has no filter --digest'],
    [{ table: 't', limit: '0' }, '--limit'],
    [{ table: 't', limit: '-5' }, '--limit'],
    [{ table: 't', limit: '99999999999' }, '--limit'],
    [{ table: 't', since: 'soon' }, '--since'],
  ])('refuses %o', (given, message) => {
    expect(() => bind(given)).toThrow(
      expect.objectContaining({ code: 'query_invalid', message: expect.stringContaining(message), exitCode: 2 }),
    );
  });
});

describe('the saved investigations', () => {
  const saved = readInvestigations();

  it('are listed with one line each', () => {
    const lines = listInvestigations(saved).trimEnd().split('\n');
    expect(lines).toHaveLength(saved.length);
    expect(saved.length).toBeGreaterThanOrEqual(9);
    for (const line of lines) expect(line).toMatch(/^[a-z-]+ {2,}\S/);
  });

  it('are found by name, or the names there are are said', () => {
    expect(findInvestigation('logins', saved).name).toBe('logins');
    expect(() => findInvestigation('login', saved)).toThrow(
      expect.objectContaining({ code: 'query_unknown', cure: expect.stringContaining('failed-logins') }),
    );
  });
});
