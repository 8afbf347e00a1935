import type { Identify } from '../../processors/identify/identify.ts';
import type { IdentifyPartitions } from '../../processors/identify/identify-partitions.ts';
import type { SessionReader } from '../../processors/identify/session-reader.ts';
import type { Service } from '../../runtime/service.ts';

/** Metrics of the stage identify. */
export function identifyMetrics({ metrics }: Service, identify: IdentifyPartitions, sessions: SessionReader): void {
  const sum = (of: (each: Identify) => number) =>
    [...identify.partitions.values()].reduce((total, each) => total + of(each), 0);
  metrics.gauge('sqltrail_identify_sessions', 'Sessions of watched servers that are open.', [], () => [
    { value: identify.table.counters.sessions },
  ]);
  metrics.counter(
    'sqltrail_identify_left_out_sessions_total',
    'Sessions that were not remembered because a million others are open.',
    [],
    () => [{ value: identify.table.counters.leftOut }],
  );
  metrics.gauge(
    'sqltrail_identify_waiting_connections',
    'Captured connections without a login whose user is not known.',
    [],
    () => [{ value: sum((each) => each.waiting) }],
  );
  metrics.gauge(
    'sqltrail_identify_named_connections',
    'Captured connections that got their user from a process list, in the partitions in work.',
    [],
    () => [{ value: sum((each) => each.counters.named) }],
  );
  metrics.gauge(
    'sqltrail_identify_unnamed_connections',
    'Captured connections that ended, or had to be forgotten, without a user, in the partitions in work.',
    [],
    () => [{ value: sum((each) => each.counters.unnamed) }],
  );
  metrics.gauge(
    'sqltrail_identify_forgotten_connections',
    'Captured connections without a login that were forgotten because there were too many, in the partitions in work.',
    [],
    () => [{ value: sum((each) => each.counters.forgotten) }],
  );
  metrics.counter('sqltrail_identify_session_records_total', 'Records taken from mysql.sessions.v1.', [], () => [
    { value: sessions.counters.records },
  ]);
  metrics.counter('sqltrail_identify_unreadable_records_total', 'Of these, that could not be read.', [], () => [
    { value: sessions.counters.unreadable },
  ]);
}
