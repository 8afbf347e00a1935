import { type ClusterLayout, onCluster } from './cluster-sql.ts';
import type { MigrationClient } from './migrator.ts';

/** Days that rows are kept, by capture time; 0: for ever; absent: as the table has it. */
export interface Retention {
  readonly audit?: number | undefined;
  readonly losses?: number | undefined;
  readonly ledger?: number | undefined;
  readonly rollup?: number | undefined;
  readonly findings?: number | undefined;
}

/** A decision goes a month behind its finding, which is deleted some hours late: in between the finding would be open again. */
const TRIAGE_DAYS = 31;

const TABLES: readonly (readonly [key: keyof Retention, table: string, column: string, moreDays?: number])[] = [
  ['audit', 'audit_events', 'event_time'],
  ['losses', 'loss_events', 'loss_time'],
  ['ledger', 'ledger', 'minute'],
  ['ledger', 'server_minutes', 'minute'],
  ['audit', 'connection_users', 'known_at'],
  ['rollup', 'activity_rollup', 'minute'],
  ['findings', 'finding_parts', 'window_start'],
  ['findings', 'finding_triage', 'decided_at', TRIAGE_DAYS],
];

/**
 * What brings the tables to these retentions: nothing where they have them. Rows go when parts are merged, up to some hours
 * after their time; giving a large table a shorter one rewrites it. `statements` is kept: its texts hold no values.
 */
export async function retentionStatements(
  client: MigrationClient,
  retention: Retention,
  layout: ClusterLayout,
): Promise<string[]> {
  const rows = await client.rows(
    "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() AND endsWith(engine, 'MergeTree')",
  );
  const engines = new Map(rows.map((row) => [String(row['name']), String(row['engine_full'])]));
  const statements: string[] = [];
  for (const [key, table, column, moreDays = 0] of TABLES) {
    const days = retention[key];
    if (days === undefined) continue;
    const present = / TTL (.*?)(?: SETTINGS |$)/.exec(engines.get(table) ?? '')?.[1] ?? '';
    const wanted = days === 0 ? '' : `toDateTime(${column}) + toIntervalDay(${days + moreDays})`;
    if (present === wanted) continue;
    const change = wanted === '' ? 'REMOVE TTL' : `MODIFY TTL ${wanted}`;
    statements.push(`ALTER TABLE ${table}${onCluster(layout)} ${change}`);
  }
  return statements;
}
