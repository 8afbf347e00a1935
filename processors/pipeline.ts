import type { BusRecord } from '../bus/bus.ts';
import type { AuditEvent } from '../schemas/audit-event.ts';
import type { Loss } from '../schemas/loss.ts';
import type { EventSink } from './event-sink.ts';
import type { Stage } from './stage.ts';

/** decode → mask → sinks in one process: the handler of `mysql.messages.v1`. */
export class Pipeline {
  /** Audit events and losses that went through. */
  outputs = 0;
  private readonly decode: Stage<Buffer, AuditEvent | Loss>;
  private readonly mask: Stage<AuditEvent | Loss, AuditEvent | Loss>;
  private readonly sinks: readonly EventSink[];
  private readonly toMask = (output: AuditEvent | Loss): void => this.mask.step(output, this.toSinks);
  private readonly toSinks = (output: AuditEvent | Loss): void => {
    this.outputs++;
    for (const sink of this.sinks) sink.add(output);
  };

  constructor(
    decode: Stage<Buffer, AuditEvent | Loss>,
    mask: Stage<AuditEvent | Loss, AuditEvent | Loss>,
    sinks: readonly EventSink[],
  ) {
    this.decode = decode;
    this.mask = mask;
    this.sinks = sinks;
  }

  /** Takes one record; done when the sinks have room again. */
  async handle(record: BusRecord): Promise<void> {
    this.decode.step(record.value, this.toMask);
    for (const sink of this.sinks) {
      const ready = sink.ready();
      if (ready !== null) await ready;
    }
  }
}
