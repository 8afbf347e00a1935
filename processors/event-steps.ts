// Hot path
import type { AuditEvent } from '../schemas/audit-event.ts';

/** The stages between decode and output, in the order in which events pass them. */
const STEPS = ['identify', 'mask', 'detect'] as const;
export type StepName = (typeof STEPS)[number];

/** What becomes of an event: it goes on, or no further, which the ledger counts by this name. */
export type StepVerdict = 'passed_on' | 'dropped_by_policy';

/** A stage that works on events in place. */
export interface EventStep {
  /** Never throws, whatever a client or server has written into the event. */
  apply(event: AuditEvent): StepVerdict;
}

/**
 * What every event passes between decode and output, in a service and in the embedded run alike. Shared by all partitions of
 * a process.
 */
export class EventSteps {
  private readonly names: readonly StepName[];
  private readonly steps: readonly EventStep[];

  /** @param steps Those that this process runs, in any order. */
  constructor(steps: Readonly<Partial<Record<StepName, EventStep>>>) {
    this.names = STEPS.filter((name) => steps[name] !== undefined);
    this.steps = this.names.map((name) => steps[name]!);
  }

  /** Changes the event in place. @returns The step that dropped it: it goes no further then; null where it goes on. */
  run(event: AuditEvent): StepName | null {
    const { steps } = this;
    for (let i = 0; i < steps.length; i++) if (steps[i]!.apply(event) !== 'passed_on') return this.names[i]!;
    return null;
  }
}
