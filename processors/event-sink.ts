import type { AuditEvent } from '../schemas/audit-event.ts';
import type { ConnectionIdentity } from '../schemas/connection-identity.ts';
import type { Finding } from '../schemas/finding.ts';
import type { LedgerEntry } from '../schemas/ledger.ts';
import type { Loss } from '../schemas/loss.ts';
import type { ServerMinute } from '../schemas/server-minute.ts';

/** Where masked events end up: the store, or standard output. */
export interface EventSink {
  /** Takes one; nothing of it is needed afterwards. */
  add(output: AuditEvent | Loss): void;
  /** Null while more may be added; otherwise settles when they may again. Rejects when the sink is broken. */
  ready(): Promise<void> | null;
  /** To be called some times a second: hands on what waited long enough. */
  tick(nowMs: number): void;
  /** Done when everything added before is where it belongs. */
  close(): Promise<void>;
}

/** A sink whose contents a service may rely on: what it had to refuse it has told by the time `written` settles. */
export interface DurableSink extends EventSink {
  addEntry(entry: LedgerEntry): void;
  addServerMinute(minute: ServerMinute): void;
  addIdentity(identity: ConnectionIdentity): void;
  addFinding(part: Finding): void;
  /** Settles when everything added before the call is durable or refused, while adding goes on. */
  written(): Promise<void>;
}
