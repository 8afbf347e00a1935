import { TopicBooks } from '../../../processors/alert/alert-books.ts';
import { AlertMember } from '../../../processors/alert/alert-member.ts';
import { type AlertSink, SinkFailure } from '../../../processors/alert/alert-sink.ts';
import { type GateOptions, SinkGate } from '../../../processors/alert/sink-gate.ts';
import { SinkQueue } from '../../../processors/alert/sink-queue.ts';
import { Changelog } from '../../../processors/service/changelog.ts';
import type { Alert } from '../../../schemas/alert.ts';
import { stateTopic, TOPIC } from '../../../schemas/topics.ts';
import { DrivenMember } from '../service/driven-member.ts';
import { type FakeBroker, FakeBus } from '../service/fake-broker.ts';

export const ALERT_STATE = stateTopic('sqltrail.alert');

type GateLimits = Pick<GateOptions, 'maxPerMinute' | 'maxWaiting'>;

/** Receivers outside of all processes: what they got, and whether they take anything. */
export class FakeReceivers {
  readonly received = new Map<string, Alert[]>();
  readonly down = new Set<string>();
  readonly names: readonly string[];
  /** By name, of those that do not take whatever comes. */
  readonly limits: Readonly<Record<string, GateLimits>>;

  constructor(names: readonly string[], limits: Readonly<Record<string, GateLimits>> = {}) {
    this.names = names;
    this.limits = limits;
    for (const name of names) this.received.set(name, []);
  }

  /** As seen by a process: after its death nothing comes back. */
  sink(name: string, bus: FakeBus): AlertSink {
    return {
      send: (alert) => {
        if (bus.isDead) return new Promise(() => {});
        if (this.down.has(name)) return Promise.reject(new SinkFailure('The receiver answered with status 503.'));
        this.received.get(name)!.push(alert);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }
}

/** One process of stage `alert`. */
export class FakeAlertProcess extends DrivenMember<AlertMember> {
  static async start(broker: FakeBroker, receivers: FakeReceivers): Promise<FakeAlertProcess> {
    const bus = new FakeBus(broker);
    const { names, limits } = receivers;
    const unlimited = { minimumLevel: 'info', maxPerMinute: 1e9, maxWaiting: 1e9 } as const;
    const member = new AlertMember({
      rules: {
        minimumLevel: 'medium',
        groupWaitMs: 300,
        groupIntervalMs: 10_000,
        urlTemplate: null,
        describeRule: () => '',
      },
      books: await TopicBooks.open(bus),
      gates: new Map(names.map((name) => [name, new SinkGate({ name, ...unlimited, ...limits[name] })])),
      queues: new Map(
        names.map((name) => [
          name,
          new SinkQueue({ name, sink: receivers.sink(name, bus), timeoutMs: 5_000, onTrouble: () => {} }),
        ]),
      ),
      stateOf: (topic, partition) => new Changelog(bus, ALERT_STATE, topic, partition),
      nowMs: Date.now,
      fail: (error) => {
        throw error;
      },
    });
    return new FakeAlertProcess(broker, bus, member, TOPIC.findings);
  }

  tick(): void {
    if (!this.bus.isDead) this.member.tick();
  }
}
