import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import type { EventStep, StepVerdict } from '../event-steps.ts';
import { Identify } from './identify.ts';
import type { SessionTable } from './session-table.ts';

/** The step identify of a process: what it remembers belongs to the partition that an event came from. */
export class IdentifyPartitions implements EventStep {
  readonly table: SessionTable;
  /** Those in work; an event without an origin is of partition 0. */
  readonly partitions = new Map<number, Identify>();
  private readonly onUnknown: ((event: AuditEvent) => void) | undefined;

  /** @param onUnknown As in `IdentifyOptions`. */
  constructor(table: SessionTable, onUnknown?: (event: AuditEvent) => void) {
    this.table = table;
    this.onUnknown = onUnknown;
  }

  /** The partition begins, with nothing remembered. */
  open(partition: number, onIdentity: (identity: ConnectionIdentity) => void): Identify {
    const { table, onUnknown } = this;
    const identify = new Identify({ table, onIdentity, ...(onUnknown !== undefined && { onUnknown }) });
    this.partitions.set(partition, identify);
    return identify;
  }

  close(partition: number): void {
    this.partitions.delete(partition);
  }

  apply(event: AuditEvent): StepVerdict {
    this.partitions.get(event.origin?.partition ?? 0)?.apply(event);
    return 'passed_on';
  }
}
