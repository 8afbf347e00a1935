import { TopicBooks } from '../../../processors/alert/alert-books.ts';
import { AlertMember } from '../../../processors/alert/alert-member.ts';
import { type AlertSink, SinkFailure } from '../../../processors/alert/alert-sink.ts';
import { SinkGate } from '../../../processors/alert/sink-gate.ts';
import { SinkQueue } from '../../../processors/alert/sink-queue.ts';
import { Changelog } from '../../../processors/service/changelog.ts';
import type { Alert } from '../../../schemas/alert.ts';
import { stateTopic, TOPIC } from '../../../schemas/topics.ts';
import { type FakeBroker, FakeBus } from '../service/fake-broker.ts';
import { settled } from '../service/fake-process.ts';

export const ALERT_STATE = stateTopic('sqltrail.alert');

/** Receivers outside of all processes: what they got, and whether they take anything. */
export class FakeReceivers {
  readonly received = new Map<string, Alert[]>();
  readonly down = new Set<string>();
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names;
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

/** One process of stage `alert`, driven step by step. */
export class FakeAlertProcess {
  readonly bus: FakeBus;
  readonly member: AlertMember;
  /** By partition, the next offset to hand over. */
  readonly next = new Map<number, number>();
  private readonly broker: FakeBroker;
  private isCommitting = false;

  private constructor(broker: FakeBroker, bus: FakeBus, member: AlertMember) {
    this.broker = broker;
    this.bus = bus;
    this.member = member;
  }

  static async start(broker: FakeBroker, receivers: FakeReceivers): Promise<FakeAlertProcess> {
    const bus = new FakeBus(broker);
    const limits = { minimumLevel: 'info', maxPerMinute: 1e9, maxWaiting: 1e9 } as const;
    const member = new AlertMember({
      rules: {
        minimumLevel: 'medium',
        groupWaitMs: 300,
        groupIntervalMs: 10_000,
        urlTemplate: null,
        describeRule: () => '',
      },
      books: await TopicBooks.open(bus),
      gates: new Map(receivers.names.map((name) => [name, new SinkGate({ name, ...limits })])),
      queues: new Map(
        receivers.names.map((name) => [
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
    return new FakeAlertProcess(broker, bus, member);
  }

  /** @param sends After so many requests the process dies in the middle of it. */
  async assign(partition: number, committed: ReadonlyMap<number, number>, sends: number): Promise<void> {
    this.bus.isImmediate = true;
    this.bus.sendsLeft = sends;
    const assigned = this.member.assigned(TOPIC.findings, partition).then((start) => {
      this.next.set(partition, start ?? committed.get(partition) ?? 0);
    });
    await Promise.race([assigned, settled()]);
    this.bus.isImmediate = false;
  }

  handle(count: number): void {
    for (const [partition, from] of this.next) {
      for (const record of this.broker.records(TOPIC.findings, partition).slice(from, from + count)) {
        this.member.handle(record);
        this.next.set(partition, record.offset + 1);
      }
    }
  }

  tick(): void {
    if (!this.bus.isDead) this.member.tick();
  }

  commit(moved: (partition: number, offset: number) => void): void {
    if (this.isCommitting) return;
    this.isCommitting = true;
    void this.member.commit().then((positions) => {
      this.isCommitting = false;
      for (const { partition, offset } of positions) moved(partition, offset);
    });
  }

  async deliver(requests: number): Promise<void> {
    for (let i = 0; i < requests; i++) {
      this.bus.deliver();
      await settled();
    }
  }
}
