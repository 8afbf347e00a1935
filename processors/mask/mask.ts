// Hot path
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { EventStep, StepVerdict } from '../event-steps.ts';
import { maskErrorMessage } from './error-message.ts';
import { Masker } from './masker.ts';
import type { MaskingPolicy } from './masking-policy.ts';

/** Gives each event its masked statement and error message. Without state: the masker's cache only saves work. */
export class Mask implements EventStep {
  private readonly masker: Masker;
  private readonly policy: MaskingPolicy | null;

  /** @param policy Null masks everything and drops nothing. */
  constructor(policy: MaskingPolicy | null = null) {
    this.policy = policy;
    this.masker = new Masker(policy);
  }

  apply(event: AuditEvent): StepVerdict {
    const { sql } = event;
    if (sql !== null) {
      sql.masked ??= this.masker.mask(sql);
      event.statement = sql.masked;
    }
    if (event.errorMessage !== null) event.errorMessageMasked = maskErrorMessage(event.errorMessage, event.errorCode);
    return this.policy?.drops(event) === true ? 'dropped_by_policy' : 'passed_on';
  }
}
