import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../processors/detect/load-rules.ts';
import type { RuleSample } from '../../../processors/detect/rule-schema.ts';
import { SampleEvents } from '../../../processors/detect/sample-event.ts';

const all: RuleSample[] = loadRules().compiled.flatMap(({ samples }) => [...samples.matching, ...samples.notMatching]);

describe('a set of rules', () => {
  it('says the same of an event whatever it was asked before', () => {
    const fresh = new Map(all.map((sample) => [sample, new SampleEvents().event(sample)]));
    const expected = new Map(all.map((sample) => [sample, loadless(fresh.get(sample)!)]));
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 40 }), (samples) => {
        const events = new SampleEvents();
        const rules = loadRules();
        for (const sample of [...samples, ...samples]) {
          const event = events.event(sample);
          expect(event.features?.names()).toEqual(fresh.get(sample)!.features?.names());
          expect(rules.judge(event).ruleIds).toEqual(expected.get(sample));
        }
      }),
      { numRuns: 3 },
    );
  });

  it('shares verdicts of events with the same statement and features', () => {
    const rules = loadRules();
    const events = new SampleEvents();
    const first = rules.judge(events.event("SELECT a FROM t WHERE b = 'x' OR 5 = 5"));
    expect(first.riskLevel).toBe('high');
    expect(rules.judge(events.event("SELECT a FROM t WHERE b = 'yy' OR 6 = 6"))).toBe(first);
  });
});

const shared = loadRules();
function loadless(event: ReturnType<SampleEvents['event']>): readonly string[] {
  return shared.judge(event).ruleIds;
}
