import type { BusRecord, GroupMember, Position } from '../bus/bus.ts';
import { AuditEvent } from '../schemas/audit-event.ts';
import type { Loss } from '../schemas/loss.ts';
import type { EventSink } from './event-sink.ts';
import type { EventSteps } from './event-steps.ts';
import type { Stage } from './stage.ts';

/**
 * decode → steps → sinks in one process: the member that reads `mysql.messages.v1` where nothing outlives the process. So its
 * commit only says what was handled, and after a failure it takes the rest without looking at it.
 */
export class Pipeline implements GroupMember {
  /** Audit events and losses that went through. */
  outputs = 0;
  /** Audit events that went no further. */
  droppedByPolicy = 0;
  private readonly decode: Stage<Buffer, AuditEvent | Loss>;
  private readonly steps: EventSteps;
  private readonly sinks: readonly EventSink[];
  private readonly onFailure: (error: unknown) => void;
  private hasFailed = false;
  /** Of the records handled since the last commit, by topic and partition. */
  private readonly positions = new Map<string, Position>();
  private readonly take = (output: AuditEvent | Loss): void => {
    if (output instanceof AuditEvent && this.steps.run(output) !== null) {
      this.droppedByPolicy++;
      return;
    }
    this.outputs++;
    for (const sink of this.sinks) sink.add(output);
  };

  /** @param onFailure Hears of the first failure of a sink; delivering the record again would not help. */
  constructor(
    decode: Stage<Buffer, AuditEvent | Loss>,
    steps: EventSteps,
    sinks: readonly EventSink[],
    onFailure: (error: unknown) => void,
  ) {
    this.decode = decode;
    this.steps = steps;
    this.sinks = sinks;
    this.onFailure = onFailure;
  }

  assigned(): Promise<null> {
    return Promise.resolve(null);
  }

  /** Takes one record; done when the sinks have room again. */
  async handle(record: BusRecord): Promise<void> {
    if (!this.hasFailed) {
      try {
        await this.process(record);
      } catch (error) {
        this.hasFailed = true;
        this.onFailure(error);
      }
    }
    const { topic, partition, offset } = record;
    this.positions.set(`${topic}/${partition}`, { topic, partition, offset: offset + 1 });
  }

  commit(): Promise<readonly Position[]> {
    const positions = [...this.positions.values()];
    this.positions.clear();
    return Promise.resolve(positions);
  }

  revoked(): void {}

  private async process(record: BusRecord): Promise<void> {
    if (record.value !== null) this.decode.step(record.value, this.take);
    for (const sink of this.sinks) {
      const ready = sink.ready();
      if (ready !== null) await ready;
    }
  }
}
