import type { EventSink } from '../../processors/event-sink.ts';
import { AuditEvent } from '../../schemas/audit-event.ts';
import { auditJson } from '../../schemas/audit-json.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { StandardOutput } from './standard-output.ts';

/** One audit event per line on standard output. */
export class NdjsonSink implements EventSink {
  private readonly output: StandardOutput;
  private readonly keepsRaw: boolean;

  constructor(output: StandardOutput, keepsRaw: boolean) {
    this.output = output;
    this.keepsRaw = keepsRaw;
  }

  add(output: AuditEvent | Loss): void {
    if (output instanceof AuditEvent) this.output.write(`${JSON.stringify(auditJson(output, this.keepsRaw))}\n`);
  }

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
