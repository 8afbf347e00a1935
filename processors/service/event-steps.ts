import type { AuditEvent } from '../../schemas/audit-event.ts';
import { Mask } from '../mask/mask.ts';
import type { StageName } from './stage-chain.ts';

/** The stages between reading and output, one after another in place. */
export class EventSteps {
  /** Its cache is shared by all partitions of the process; null where the process does not mask. */
  private readonly mask: Mask | null;

  constructor(stages: readonly StageName[]) {
    this.mask = stages.includes('mask') ? new Mask() : null;
  }

  run(event: AuditEvent): void {
    this.mask?.step(event, nothing);
  }
}

function nothing(): void {}
