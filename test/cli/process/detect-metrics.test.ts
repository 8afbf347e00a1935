import { describe, expect, it } from 'vitest';
import { detectMetrics } from '../../../cli/process/detect-metrics.ts';
import { Detect } from '../../../processors/detect/detect.ts';
import { FeatureReader } from '../../../processors/detect/features/feature-reader.ts';
import { loadRules } from '../../../processors/detect/load-rules.ts';
import { readSuppressions } from '../../../processors/detect/read-suppressions.ts';
import { SampleEvents } from '../../../processors/detect/sample-event.ts';
import { Suppressions } from '../../../processors/detect/suppressions.ts';
import { Mask } from '../../../processors/mask/mask.ts';
import { Metrics } from '../../../runtime/metrics.ts';
import type { Service } from '../../../runtime/service.ts';
import { SqlText, type TextLoss } from '../../../schemas/sql-text.ts';

const events = new SampleEvents();

/** The lines of a metric, without its name. */
async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.map((line) => line.slice(name.length)).sort();
}

function measured(detect: Detect | null, features: FeatureReader | null): Metrics {
  const metrics = new Metrics('process');
  detectMetrics({ metrics } as unknown as Service, detect, features);
  return metrics;
}

describe('the metrics of detection', () => {
  it('have matches by rule and level, and events that no rule matches by nothing', async () => {
    const detect = new Detect(loadRules());
    for (let i = 0; i < 3; i++) detect.apply(events.event({ sql: 'SELECT a FROM t WHERE b = 1 OR 7 = 7' }));
    for (let i = 0; i < 5; i++) detect.apply(events.event({ sql: `SELECT a FROM t WHERE b = ${i}` }));
    const metrics = measured(detect, null);
    expect(await linesOf(metrics, 'sqltrail_detect_events_total')).toEqual(['{service="process"} 8']);
    expect(await linesOf(metrics, 'sqltrail_detect_matched_total')).toEqual(['{service="process"} 3']);
    const matches = await linesOf(metrics, 'sqltrail_detect_matches_total');
    expect(matches).toContain('{rule="sqli.tautology",level="high",service="process"} 3');
    for (const line of matches) expect(line).toMatch(/^\{rule="[a-z_.]+",level="[a-z]+",service="process"\} 3$/);
    const { rules } = detect.rules;
    expect(await linesOf(metrics, 'sqltrail_detect_rules')).toEqual([`{service="process"} ${rules.length}`]);
  });

  it('count what is suppressed apart', async () => {
    const file = 'suppressions:\n  - {rules: [sqli.*], user: app, reason: known, expires: 2099-01-01}\n';
    const detect = new Detect(loadRules(), new Suppressions(readSuppressions(file, 'suppressions.yml')));
    const event = events.event({ sql: 'SELECT a FROM t WHERE b = 1 OR 7 = 7', user_name: 'app' });
    const { length } = detect.rules.judge(event).matches;
    expect(length).toBeGreaterThan(0);
    detect.apply(event);
    const metrics = measured(detect, null);
    expect(await linesOf(metrics, 'sqltrail_detect_suppressed_total')).toEqual([`{service="process"} ${length}`]);
    expect(await linesOf(metrics, 'sqltrail_detect_matched_total')).toEqual(['{service="process"} 0']);
    expect(await linesOf(metrics, 'sqltrail_detect_matches_total')).toEqual([]);
  });

  it('count statements that could be looked at in part, or not', async () => {
    const features = new FeatureReader();
    const mask = new Mask(null, features);
    const mode = { charset: 'utf8mb4', noBackslashEscapes: false, ansiQuotes: false };
    const sql = Buffer.from('SELECT a FROM t WHERE b = 1');
    for (const loss of ['none', 'none', 'tail', 'head', 'none'] as const satisfies readonly TextLoss[]) {
      const event = events.event({ sql: 'SELECT 1' });
      event.sql = new SqlText(sql, 0, sql.length, mode, loss);
      mask.apply(event);
    }
    const metrics = measured(null, features);
    for (const [name, count] of [
      ['statements', 5],
      ['cut_statements', 1],
      ['headless_statements', 1],
    ])
      expect(await linesOf(metrics, `sqltrail_features_${name}_total`)).toEqual([`{service="process"} ${count}`]);
    expect(await linesOf(metrics, 'sqltrail_detect_events_total')).toEqual([]);
  });
});
