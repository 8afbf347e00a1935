import { AuditStore } from '../../../processors/store/audit-store.ts';
import type { AuditStoreOptions } from '../../../processors/store/audit-store-options.ts';
import { clusterSql } from '../../../processors/store/cluster-sql.ts';
import { migrateStore } from '../../../processors/store/migrate-store.ts';
import type { ServerTarget } from '../../../processors/store/store-target.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import type { LedgerEntry } from '../../../schemas/ledger.ts';
import { auditEvent } from '../../processors/store/events.ts';
import type { ClickhouseServer } from '../../support/clickhouse.ts';

export function targetOf(server: ClickhouseServer, insertTimeoutMs = 60_000): ServerTarget {
  return { kind: 'server', url: server.url, user: server.user, password: server.password, insertTimeoutMs };
}

export async function makeTables(server: ClickhouseServer): Promise<void> {
  const plan = { substitute: clusterSql({}), layout: {}, retention: {}, roles: null, isDryRun: false };
  await migrateStore(targetOf(server), plan, null);
}

export async function emptyTables(server: ClickhouseServer): Promise<void> {
  for (const table of ['audit_events', 'statements', 'loss_events', 'ledger', 'activity_rollup', 'rollup_marks'])
    await server.rows(`TRUNCATE TABLE ${table}`);
}

/** A store as a service has it: it does not give up. `stop` makes it. */
export async function openService(
  server: ClickhouseServer,
  options: AuditStoreOptions = {},
  insertTimeoutMs?: number,
): Promise<{ store: AuditStore; stop: AbortController; troubles: string[] }> {
  const stop = new AbortController();
  const troubles: string[] = [];
  const store = await AuditStore.open(targetOf(server, insertTimeoutMs), {
    untilAborted: stop.signal,
    onTrouble: (trouble) => troubles.push(trouble.kind === 'retrying' ? trouble.error.message : trouble.kind),
    batchAgeMs: 50,
    ...options,
  });
  return { store, stop, troubles };
}

/** Events from `first` on, over three connections and several minutes. */
export function events(first: number, count: number): AuditEvent[] {
  return Array.from({ length: count }, (_, i) => auditEvent(1 + ((first + i) % 3), first + i));
}

export function entry(ordinal: number, version: number): LedgerEntry {
  return {
    stage: 'decode',
    origin: 'mysql.messages.v1/0',
    ordinal,
    serverId: 'db1',
    minuteMs: 1_767_225_600_000,
    unit: 'events',
    takenIn: version,
    passedOn: version,
    open: 0,
    lost: {},
    impaired: {},
    version,
  };
}

/** What is in the store, with and without FINAL, in the view and in the rollup. */
export async function countsOf(server: ClickhouseServer): Promise<Record<string, number>> {
  const [row] = await server.rows(
    'SELECT (SELECT count() FROM audit) AS audit, (SELECT uniqExact(event_id) FROM audit_events) AS ids, (SELECT count() FROM audit_events) AS facts, (SELECT sum(events) FROM activity_per_minute) AS rolled_up',
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]));
}
