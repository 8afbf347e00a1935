// Hot path
import { AuditEvent } from '../../schemas/audit-event.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { Stage } from '../stage.ts';
import { maskErrorMessage } from './error-message.ts';
import { Masker } from './masker.ts';
import type { MaskingPolicy } from './masking-policy.ts';

/** What becomes of an event: it goes on, or the policy drops it, which the ledger counts by this name. */
export type MaskVerdict = 'passed_on' | 'dropped_by_policy';

/** Gives each event its masked statement and error message. Without state: the masker's cache only saves work. */
export class Mask implements Stage<AuditEvent | Loss, AuditEvent | Loss> {
  private readonly masker: Masker;
  private readonly policy: MaskingPolicy | null;

  /** @param policy Null masks everything and drops nothing. */
  constructor(policy: MaskingPolicy | null = null) {
    this.policy = policy;
    this.masker = new Masker(policy);
  }

  /** Emits what `apply` passes on. */
  step(input: AuditEvent | Loss, emit: (output: AuditEvent | Loss) => void): void {
    if (!(input instanceof AuditEvent) || this.apply(input) === 'passed_on') emit(input);
  }

  /** Masks the event in place. An event that the policy drops must go no further. */
  apply(event: AuditEvent): MaskVerdict {
    const { sql } = event;
    if (sql !== null) {
      sql.masked ??= this.masker.mask(sql);
      event.statement = sql.masked;
    }
    if (event.errorMessage !== null) event.errorMessageMasked = maskErrorMessage(event.errorMessage, event.errorCode);
    return this.policy?.drops(event) === true ? 'dropped_by_policy' : 'passed_on';
  }
}
