// Hot path
import { AuditEvent } from '../../schemas/audit-event.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { Stage } from '../stage.ts';
import { maskErrorMessage } from './error-message.ts';
import { Masker } from './masker.ts';

/** Gives each event its masked statement and error message. Without state: the masker's cache only saves work. */
export class Mask implements Stage<AuditEvent | Loss, AuditEvent | Loss> {
  private readonly masker = new Masker();

  step(input: AuditEvent | Loss, emit: (output: AuditEvent | Loss) => void): void {
    if (input instanceof AuditEvent) this.mask(input);
    emit(input);
  }

  private mask(event: AuditEvent): void {
    const { sql } = event;
    if (sql !== null) {
      sql.masked ??= this.masker.mask(sql);
      event.statement = sql.masked;
    }
    if (event.errorMessage !== null) event.errorMessageMasked = maskErrorMessage(event.errorMessage, event.errorCode);
  }
}
