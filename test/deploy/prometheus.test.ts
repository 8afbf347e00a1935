import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertMetrics } from '../../cli/alerts/alert-metrics.ts';
import { registerEdgeMetrics } from '../../cli/edge/edge-metrics.ts';
import { processMetrics } from '../../cli/process/process-metrics.ts';
import { watchMetrics } from '../../cli/watch/watch-metrics.ts';
import { Metrics } from '../../runtime/metrics.ts';
import { READY_METRIC } from '../../runtime/service.ts';

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

/** Parts of a service of which only the names of their metrics are asked. */
const parts: unknown = new Proxy(
  {},
  {
    get: (_, name) =>
      name === 'counters' ? { events: {} } : name === 'stages' ? ['decode'] : name === 'then' ? undefined : parts,
  },
);

/** Names of all metrics that the services have. */
function namesOfMetrics(): Set<string> {
  const names = new Set([READY_METRIC]);
  const metrics = new Metrics('test');
  metrics.counter = (name) => void names.add(name);
  metrics.gauge = (name) => void names.add(name);
  registerEdgeMetrics(metrics, parts as never, []);
  processMetrics({ metrics, ready: () => {} } as never, parts as never);
  const alerting = { member: parts, queues: new Map() };
  alertMetrics({ metrics, ready: () => {}, note: () => {} } as never, alerting as never, parts as never);
  watchMetrics(metrics, parts as never);
  return names;
}

describe('example alerts', () => {
  const rules: Rules = parse(readFileSync('deploy/prometheus/sqltrail.rules.yml', 'utf8'));
  const alerts = rules.groups.flatMap((group) => group.rules);

  it('ask only for metrics that the services have', () => {
    const known = namesOfMetrics();
    const asked = alerts.flatMap(({ expr }) => expr.match(/sqltrail_\w+/g) ?? []);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are each named once', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
  });
});
