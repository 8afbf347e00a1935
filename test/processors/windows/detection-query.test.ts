import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../processors/detect/load-rules.ts';
import { parseDetection, readDetections } from '../../../processors/windows/detection-query.ts';

const FILE = '-- title: T\n-- rule: a.b\n-- steps: 2\nSELECT {first} {until}\n';

describe('files of scheduled detections', () => {
  it('have a title, a rule, how far they look back, and a query over windows', () => {
    expect(parseDetection('name', FILE)).toEqual({
      name: 'name',
      title: 'T',
      description: '',
      rule: 'a.b',
      steps: 2,
      sql: 'SELECT {first} {until}',
    });
    for (const [line, without] of [
      ['-- title: T\n', 'has no title'],
      ['-- rule: a.b\n', 'names no rule'],
      ['-- steps: 2\n', 'does not say how many steps'],
      ['{until}', 'does not use {until}'],
    ] as const)
      expect(() => parseDetection('name', FILE.replace(line, '')), line).toThrow(without);
    expect(() => parseDetection('name', FILE.replace('2', '61'))).toThrow('from 0 to 60');
  });

  it('are each the detection of a rule, and each scheduled rule has its file', () => {
    const detections = readDetections();
    const rules = loadRules().rules;
    for (const { name, rule } of detections)
      expect(
        rules.map(({ id }) => id),
        name,
      ).toContain(rule);
    const scheduled = rules.flatMap(({ scheduled: name }) => name ?? []);
    expect(detections.map(({ name }) => name)).toEqual(expect.arrayContaining(scheduled));
    for (const rule of rules.filter((each) => each.scheduled !== null))
      expect(detections.find(({ name }) => name === rule.scheduled)?.rule).toBe(rule.id);
  });
});
