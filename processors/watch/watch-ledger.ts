import type { LedgerEntry, LedgerReason } from '../../schemas/ledger.ts';
import { LedgerCounter, LedgerTotals } from '../service/ledger-totals.ts';
import type { MysqlFaultKind } from './mysql-fault.ts';

const REASONS: Readonly<Record<MysqlFaultKind, LedgerReason>> = {
  unreachable: 'mysql_unreachable',
  slow: 'mysql_slow',
  login_refused: 'mysql_refused',
  not_allowed: 'mysql_refused',
  tls_failed: 'mysql_refused',
  failed: 'mysql_refused',
};

/** Which readings of a server were answered, by minute: unit `readings` of stage `watch`. */
export class WatchLedger {
  private readonly totals: LedgerTotals;
  private readonly readings: LedgerCounter;
  private version = 0;

  /** @param origin Of this run of the watcher, and no other. */
  constructor(origin: string) {
    this.totals = new LedgerTotals(origin);
    this.readings = new LedgerCounter(this.totals, 'watch', 'readings');
  }

  /** @param fault Null: it was answered. */
  count(serverId: string, fault: MysqlFaultKind | null, nowMs: number): void {
    const entry = this.readings.at(serverId, nowMs);
    entry.takenIn++;
    this.version++;
    if (fault === null) entry.passedOn++;
    else entry.lost[REASONS[fault]] = (entry.lost[REASONS[fault]] ?? 0) + 1;
  }

  /** Entries that changed since the last call. */
  takeChanged(): readonly LedgerEntry[] {
    return this.totals.takeChanges(this.version).entries;
  }
}
