import type { TopicBooks } from '../../processors/alert/alert-books.ts';
import { SEVERITIES } from '../../processors/findings/severities.ts';
import type { Service } from '../../runtime/service.ts';
import type { Alerting } from './open-alerting.ts';

/** Metrics and readiness of `sqltrail process --stages alert`. Labels are names of sinks, which the configuration bounds. */
export function alertMetrics({ metrics, ready, note }: Service, { member, queues }: Alerting, books: TopicBooks): void {
  ready(
    'state',
    () => member.isRestored,
    () => 'The state of a partition is being read.',
  );
  for (const queue of queues.values())
    note(
      `sink_${queue.name}`,
      () => queue.trouble === null,
      () => `The sink takes no alerts, which wait. ${queue.trouble ?? ''}`,
    );
  metrics.counters(
    'alert',
    {
      records: 'Parts of findings taken from the topic.',
      commits: 'Cycles in which state and offsets became durable.',
      restores: 'Partitions whose state was read after they were assigned.',
    },
    () => member.counters,
  );
  metrics.counter('sqltrail_alert_dead_letters_total', 'Records that are no findings.', [], () => [
    { value: books.letters },
  ]);
  metrics.counter(
    'sqltrail_alert_alerts_total',
    'Alerts that were made, before sinks and their limits.',
    ['severity'],
    () => SEVERITIES.map((severity) => ({ labels: { severity }, value: member.madeBySeverity.get(severity) ?? 0 })),
  );
  metrics.counter(
    'sqltrail_alert_deliveries_total',
    'Attempts at a sink that ended: delivered, failed (it is tried again), rejected (given up: the receiver does not want this alert).',
    ['sink', 'outcome'],
    () =>
      [...queues.values()].flatMap(({ name: sink, counters }) =>
        Object.entries(counters).map(([outcome, value]) => ({ labels: { sink, outcome }, value })),
      ),
  );
  metrics.counter(
    'sqltrail_alert_unsent_total',
    'Alerts that went into a summary instead: throttled (beyond the limit of a minute), queue_full (beyond what may wait).',
    ['sink', 'reason'],
    () =>
      [...member.gates.values()].flatMap(({ name: sink, unsent }) =>
        Object.entries(unsent).map(([reason, value]) => ({ labels: { sink, reason }, value })),
      ),
  );
  metrics.gauge('sqltrail_alert_waiting_alerts', 'Alerts that a sink is to get and has not got.', ['sink'], () =>
    [...member.gates.values()].map(({ name: sink, waiting: value }) => ({ labels: { sink }, value })),
  );
  metrics.gauge('sqltrail_alert_sink_up', 'Whether the last attempt at a sink succeeded: 1 or 0.', ['sink'], () =>
    [...queues.values()].map(({ name: sink, trouble }) => ({ labels: { sink }, value: trouble === null ? 1 : 0 })),
  );
  metrics.gauge(
    'sqltrail_alert_delay_seconds',
    'Age of the last record of each partition that was handled, when it was handled.',
    ['partition'],
    () =>
      member.tasks.map(({ partition, delayMs }) => ({
        labels: { partition: String(partition) },
        value: delayMs / 1000,
      })),
  );
}
