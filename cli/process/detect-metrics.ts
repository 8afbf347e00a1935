import type { Detect } from '../../processors/detect/detect.ts';
import type { FeatureReader } from '../../processors/detect/features/feature-reader.ts';
import type { Service } from '../../runtime/service.ts';

/** Metrics of what looks for attacks. @param detect Null where its stage is in another process. @param features Likewise. */
export function detectMetrics({ metrics }: Service, detect: Detect | null, features: FeatureReader | null): void {
  if (features !== null)
    metrics.counters(
      'features',
      {
        statements: 'Texts of statements that were looked at; a prepared one counts once.',
        cutStatements: 'Of these, without their end: too long, or not captured. What stood there is in no feature.',
        headlessStatements: 'Of these, without their beginning: they have no features.',
      },
      () => features.counts,
    );
  if (detect === null) return;
  metrics.gauge('sqltrail_detect_rules', 'Rules in force.', [], () => [{ value: detect.rules.rules.length }]);
  metrics.counters(
    'detect',
    {
      events: 'Events that the rules were asked about.',
      matched: 'Of these, that at least one rule matches.',
      suppressed: 'Matches that a suppression covers: they count nowhere else.',
    },
    () => detect.counts,
  );
  metrics.counter(
    'sqltrail_detect_matches_total',
    'Matches by rule, and by how bad each was; without those that are suppressed.',
    ['rule', 'level'],
    () => detect.matches.readings(),
  );
}
