import type { AlertBooks } from '../../processors/alert/alert-books.ts';
import { AlertMember, type AlertParts } from '../../processors/alert/alert-member.ts';
import type { AlertState } from '../../processors/alert/alert-state.ts';
import { SinkGate } from '../../processors/alert/sink-gate.ts';
import { SinkQueue } from '../../processors/alert/sink-queue.ts';
import { alertSink } from '../config/alert-sink.ts';
import type { Config } from '../config/config-schema.ts';

/** What of the surroundings the stage needs. */
export interface AlertHost {
  readonly books: AlertBooks;
  readonly stateOf: (topic: string, partition: number) => AlertState;
  readonly describeRule: (ruleId: string) => string;
  /** Told when a sink goes down (why), and when it is back (null). */
  readonly onTrouble: (sink: string, trouble: string | null) => void;
  readonly warn: (sentence: string) => void;
  readonly fail: (error: unknown) => void;
}

/** The stage `alert` and its sinks. */
export interface Alerting {
  readonly member: AlertMember;
  readonly queues: AlertParts['queues'];
  /** Ends what is under way to the sinks; what is not delivered is in the state. */
  close(): Promise<void>;
}

/**
 * The stage as configured. Nothing is connected yet.
 *
 * @throws SqltrailError `config_invalid` where a secret or a certificate cannot be read.
 */
export function openAlerting({ alerts }: Config, host: AlertHost): Alerting {
  const gates = new Map<string, SinkGate>();
  const queues = new Map<string, SinkQueue>();
  for (const [at, settings] of alerts.sinks.entries()) {
    const { name } = settings;
    gates.set(
      name,
      new SinkGate({
        name,
        minimumLevel: settings.minimum_level,
        maxPerMinute: alerts.throttle_per_minute,
        maxWaiting: alerts.queue_alerts,
      }),
    );
    queues.set(
      name,
      new SinkQueue({
        name,
        sink: alertSink(settings, `alerts.sinks[${at}]`, host.warn),
        timeoutMs: alerts.timeout_ms,
        onTrouble: (trouble) => host.onTrouble(name, trouble),
      }),
    );
  }
  const rules = {
    minimumLevel: alerts.minimum_level,
    groupWaitMs: alerts.group_wait_ms,
    groupIntervalMs: alerts.group_interval_s * 1000,
    urlTemplate: alerts.url_template ?? null,
    describeRule: host.describeRule,
  };
  const member = new AlertMember({ ...host, rules, gates, queues, nowMs: Date.now });
  const close = async () => {
    await Promise.all([...queues.values()].map((queue) => queue.close()));
  };
  return { member, queues, close };
}
