// Hot path
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { FeatureSet } from '../../schemas/feature-set.ts';
import type { SqlText } from '../../schemas/sql-text.ts';
import type { Statement } from '../../schemas/statement.ts';
import type { EventStep, StepVerdict } from '../event-steps.ts';
import { maskErrorMessage } from './error-message.ts';
import { Masker } from './masker.ts';
import type { MaskingPolicy } from './masking-policy.ts';

/** Looks at what masking hides, and says what is striking about it without any value of it. */
export interface FeatureSource {
  /** @param isExact Whether the masked text shows everything but the literals. */
  ofStatement(sql: SqlText, statement: Statement, isExact: boolean): FeatureSet;
  /** Of the whole event, its statement's included. */
  ofEvent(event: AuditEvent): FeatureSet;
}

/** Gives each event its masked statement and error message. Without state: the masker's cache only saves work. */
export class Mask implements EventStep {
  private readonly masker: Masker;
  private readonly policy: MaskingPolicy | null;
  private readonly features: FeatureSource | null;

  /**
   * @param policy Null masks everything and drops nothing.
   * @param features Null where nothing looks for attacks.
   */
  constructor(policy: MaskingPolicy | null = null, features: FeatureSource | null = null) {
    this.features = features;
    this.policy = policy;
    this.masker = new Masker(policy);
  }

  apply(event: AuditEvent): StepVerdict {
    const { sql } = event;
    if (sql !== null) {
      if (sql.masked === null || (this.features !== null && sql.features === null)) {
        sql.masked = this.masker.mask(sql);
        sql.shown = this.masker.shown;
        if (this.features !== null) sql.features = this.features.ofStatement(sql, sql.masked, this.masker.isExact);
      }
      event.statement = sql.masked;
      event.statementShown = sql.shown;
    }
    if (this.features !== null) event.features = this.features.ofEvent(event);
    if (event.errorMessage !== null) event.errorMessageMasked = maskErrorMessage(event.errorMessage, event.errorCode);
    return this.policy?.drops(event) === true ? 'dropped_by_policy' : 'passed_on';
  }
}
