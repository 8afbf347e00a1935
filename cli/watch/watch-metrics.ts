import { MYSQL_FAULTS } from '../../processors/watch/mysql-fault.ts';
import type { WatchedState, Watcher } from '../../processors/watch/watcher.ts';
import type { Metrics } from '../../runtime/metrics.ts';

/** What a watcher tells Prometheus. The label `server` holds configured ids. */
export function watchMetrics(metrics: Metrics, watcher: Watcher): void {
  const perServer = (value: (state: WatchedState) => number) => () =>
    [...watcher.servers].map(([server, state]) => ({ labels: { server }, value: value(state) }));
  metrics.gauge(
    'sqltrail_watch_answering',
    'Whether the last attempt at the server succeeded: 1 or 0.',
    ['server'],
    perServer(({ watcher: { server, faultNow } }) => (server !== null && faultNow === null ? 1 : 0)),
  );
  metrics.gauge(
    'sqltrail_watch_sessions',
    'Sessions over TCP in the last reading.',
    ['server'],
    perServer(({ sessions }) => sessions.counters.sessions),
  );
  metrics.gauge(
    'sqltrail_watch_unresolved_sessions',
    'Of these, whose host name could not be resolved.',
    ['server'],
    perServer(({ sessions }) => sessions.counters.unresolved),
  );
  metrics.gauge(
    'sqltrail_watch_left_out_sessions',
    'Sessions of the last reading that were too many (more than 200,000), and are not looked at.',
    ['server'],
    perServer(({ sessions }) => sessions.counters.beyond),
  );
  metrics.gauge(
    'sqltrail_watch_answer_seconds',
    'How long the last reading took.',
    ['server'],
    perServer(({ answerMs }) => answerMs / 1000),
  );
  metrics.gauge(
    'sqltrail_watch_waiting_seconds',
    'How long the attempt in hand has been waiting for the server.',
    ['server'],
    perServer((state) => state.watcher.waitingMs / 1000),
  );
  metrics.counter(
    'sqltrail_watch_queries_total',
    'Readings of process lists and counters that were begun.',
    ['server'],
    perServer((state) => state.watcher.counters.queries),
  );
  metrics.counter(
    'sqltrail_watch_connects_total',
    'Logins that were tried.',
    ['server'],
    perServer((state) => state.watcher.counters.connects),
  );
  metrics.counter('sqltrail_watch_faults_total', 'Attempts that failed, by what was wrong.', ['server', 'fault'], () =>
    [...watcher.servers].flatMap(([server, { watcher: each }]) =>
      MYSQL_FAULTS.map((fault) => ({ labels: { server, fault }, value: each.faults.get(fault) ?? 0 })),
    ),
  );
}
