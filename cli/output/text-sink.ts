import type { EventSink } from '../../processors/event-sink.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { StandardOutput } from './standard-output.ts';

/** What the sinks on standard output share: all but how an event looks. */
export abstract class TextSink implements EventSink {
  protected readonly output: StandardOutput;

  constructor(output: StandardOutput) {
    this.output = output;
  }

  abstract add(output: AuditEvent | Loss): void;

  ready(): Promise<void> | null {
    return this.output.ready();
  }

  tick(): void {
    this.output.flush();
  }

  async close(): Promise<void> {
    this.output.flush();
    await this.output.ready();
  }
}
