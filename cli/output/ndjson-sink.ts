import { AuditEvent } from '../../schemas/audit-event.ts';
import { auditJson } from '../../schemas/audit-json.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { StandardOutput } from './standard-output.ts';
import { TextSink } from './text-sink.ts';

/** One audit event per line on standard output. */
export class NdjsonSink extends TextSink {
  private readonly keepsRaw: boolean;

  constructor(output: StandardOutput, keepsRaw: boolean) {
    super(output);
    this.keepsRaw = keepsRaw;
  }

  override add(output: AuditEvent | Loss): void {
    if (output instanceof AuditEvent) this.output.write(`${JSON.stringify(auditJson(output, this.keepsRaw))}\n`);
  }
}
