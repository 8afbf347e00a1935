import { Conditions } from './conditions.ts';
import { HealthServer } from './health-server.ts';
import { Lifecycle } from './lifecycle.ts';
import { type Log, type LogLevel, openLog } from './log.ts';
import { Metrics } from './metrics.ts';

/** Every service has it. */
export const READY_METRIC = 'sqltrail_service_ready';

export interface ServiceOptions {
  /** In every log line and as label of every metric: `edge`, `process`. */
  readonly name: string;
  readonly logLevel: LogLevel;
  readonly http: { readonly host: string; readonly port: number };
  readonly shutdownDeadlineMs: number;
}

/** What every long-running process has. */
export interface Service {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Port on which health and metrics answer. */
  readonly port: number;
  /** Aborted when the service shall finish its work and end. */
  readonly stopSignal: AbortSignal;
  /**
   * A condition of readiness: `/readyz` answers 503 while one does not hold.
   * @param why What it waits for, as a sentence without values from the network.
   */
  ready(name: string, isReady: () => boolean, why: () => string): void;
  /** The same of what `/readyz` only tells: it stays 200. */
  note(name: string, isWell: () => boolean, why: () => string): void;
  /** Begins the end as a signal does. */
  stop(reason: string): void;
  /** The work is done: closes the port and gives the signals back. The last call. */
  end(): Promise<void>;
}

/**
 * Starts what a service needs beside its work: log, metrics, health, and an end in order.
 *
 * @throws SqltrailError `http_unavailable` where the port is taken.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const log = openLog(options.name, options.logLevel);
  const metrics = new Metrics(options.name);
  const conditions = new Conditions();
  const health = await HealthServer.open(options.http, conditions, metrics);
  const lifecycle = new Lifecycle(log, options.shutdownDeadlineMs);
  conditions.add(
    'running',
    () => !lifecycle.stopSignal.aborted,
    () => 'The service is stopping.',
  );
  metrics.gauge(READY_METRIC, 'Whether /readyz says so: 1 or 0.', [], () => [
    { value: conditions.unmet().length === 0 ? 1 : 0 },
  ]);
  log.info('Health and metrics are served.', { host: options.http.host, port: health.port });
  return {
    log,
    metrics,
    port: health.port,
    stopSignal: lifecycle.stopSignal,
    ready: (name, isReady, why) => conditions.add(name, isReady, why),
    note: (name, isWell, why) => conditions.addNote(name, isWell, why),
    stop: (reason) => lifecycle.stop(reason),
    end: async () => {
      await health.close();
      lifecycle.release();
    },
  };
}
