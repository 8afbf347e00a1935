import { describe, expect, it } from 'vitest';
import { Detect } from '../../../processors/detect/detect.ts';
import { loadRules } from '../../../processors/detect/load-rules.ts';
import { readSuppressions } from '../../../processors/detect/read-suppressions.ts';
import { SampleEvents } from '../../../processors/detect/sample-event.ts';
import { Suppressions } from '../../../processors/detect/suppressions.ts';

const rules = loadRules();
const events = new SampleEvents();
const SQL = 'SELECT a FROM t WHERE b = 1 OR 7 = 7';
const AT = Date.parse('2030-06-01T23:30:00Z') * 1000;

/** Ids that remain of a tautology by this suppression. */
function left(suppression: string, atUs = AT): readonly string[] {
  const file = `suppressions:\n  - {${suppression}, reason: known, expires: 2031-01-01}\n`;
  const detect = new Detect(rules, new Suppressions(readSuppressions(file, 'suppressions.yml')));
  const event = events.event({
    sql: SQL,
    user_name: 'app',
    database_name: 'shop',
    client_program: 'tool',
    client_address: '10.1.2.3',
  });
  event.timeUs = atUs;
  detect.apply(event);
  expect(detect.counts.suppressed).toBe(2 - event.ruleIds.length);
  expect(event.riskLevel).toBe(event.ruleIds.length === 0 ? 'none' : 'high');
  return event.ruleIds;
}

const BOTH = ['sqli.tautology', 'sqli.tool_signature'];

describe('a suppression', () => {
  it.each([
    ['of one rule', 'rules: [sqli.tautology]', ['sqli.tool_signature']],
    ['of an area', 'rules: [sqli.*]', []],
    ['of another area', 'rules: [recon.*]', BOTH],
    ['of a user', 'user: app', []],
    ['of another user', 'user: root', BOTH],
    ['of a client', 'client: 10.1.2.3', []],
    ['of a network', 'client: 10.0.0.0/8', []],
    ['of another network', 'client: 192.168.0.0/16', BOTH],
    ['of a program', 'client_program: tool', []],
    ['of a database', 'database: shop', []],
    ['of another digest', 'digest: "00000000000000000000000000000000"', BOTH],
    ['of hours over midnight', 'user: app, hours: "22:00-04:00"', []],
    ['of other hours', 'user: app, hours: "04:00-22:00"', BOTH],
    ['with a field that does not fit', 'user: app, database: other', BOTH],
  ])('%s', (_, suppression, expected) => {
    expect(left(suppression)).toEqual(expected);
  });

  it('ends when it expires, by the time of the event', () => {
    expect(left('user: app', Date.parse('2031-01-01T00:00:00Z') * 1000 - 1)).toEqual([]);
    expect(left('user: app', Date.parse('2031-01-01T00:00:00Z') * 1000)).toEqual(BOTH);
  });

  it.each([
    ['user: app, expires: 2031-01-01', /reason/],
    ['user: app, reason: x', /expires/],
    ['reason: x, expires: 2031-01-01', /must say what it covers/],
    ['user: app, reason: x, expires: soon', /must be a date/],
    ['client: 10.0.0.0/64, reason: x, expires: 2031-01-01', /must be an address or a network/],
    ['usr: app, reason: x, expires: 2031-01-01', /line 2: suppressions\[0\]\.usr is not known/],
  ])('%s is refused', (suppression, message) => {
    expect(() => readSuppressions(`suppressions:\n  - {${suppression}}\n`, 'suppressions.yml')).toThrow(message);
  });
});
