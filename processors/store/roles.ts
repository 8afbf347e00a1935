import { auditSchema } from '../../schemas/audit-schema.ts';
import { type ClusterLayout, onCluster } from './cluster-sql.ts';

export interface RoleOptions extends ClusterLayout {
  readonly database: string;
  /** Whether analysts may read unmasked text and values, where they are stored at all. */
  readonly dangerouslyShowRaw?: boolean;
}

const RAW_COLUMNS: ReadonlySet<string> = new Set(['statement_raw', 'parameters', 'query_attributes']);
/** Columns of the view `audit` that are columns of `statements`. */
const STATEMENT_COLUMNS: ReadonlySet<string> = new Set(['statement_kind', 'statement_masked', 'tables']);
const WRITTEN_TABLES = [
  'audit_events',
  'statements',
  'loss_events',
  'ledger',
  'server_minutes',
  'connection_users',
  'seen_per_minute',
  'rollup_marks',
  'activity_rollup',
  'finding_parts',
];
/** What summing up facts reads of them. */
const ROLLED_UP_COLUMNS =
  'server_id, event_time, connection_uid, user_name, user_name_source, database_name, command, statement_digest, status, returned_rows, affected_rows, request_bytes, response_bytes, duration_us, no_index_used';
const READ_TABLES = [
  'statements',
  'loss_events',
  'losses',
  'ledger',
  'ledger_entries',
  'server_minutes',
  'connection_users',
  'seen_per_minute',
  'coverage',
  'activity_rollup',
  'activity_per_minute',
  'finding_parts',
  'finding_triage',
  'findings',
  'detection_facts',
  'detection_windows',
  'account_profiles',
  'ocsf_detection_findings',
  'ocsf_datastore_activity',
  'ecs_findings',
];
/** What scheduled detections write down, beside their findings. */
const DETECTION_TABLES = ['detection_windows', 'account_profiles'];

/**
 * The roles of those who write the trail and of those who read it; making them again changes nothing but gives what a newer
 * version needs. A writer cannot change or delete, an analyst can only read. A detector reads what an analyst does, no unmasked text: who
 * runs the stage store needs it beside the writer's for scheduled detections. Triage is an analyst who may decide of findings.
 */
export function roleStatements(options: RoleOptions): string[] {
  const clause = onCluster(options);
  return [
    `CREATE ROLE IF NOT EXISTS sqltrail_writer${clause}`,
    `CREATE ROLE IF NOT EXISTS sqltrail_analyst${clause} SETTINGS readonly = 2 READONLY`,
    `CREATE ROLE IF NOT EXISTS sqltrail_detector${clause}`,
    `CREATE ROLE IF NOT EXISTS sqltrail_triage${clause}`,
    ...writerGrants(options.database).map((grant) => `${withCluster(grant, clause)} TO sqltrail_writer`),
    ...analystGrants(options).map((grant) => `${withCluster(grant, clause)} TO sqltrail_analyst`),
    ...detectorGrants(options).map((grant) => `${withCluster(grant, clause)} TO sqltrail_detector`),
    ...triageGrants(options).map((grant) => `${withCluster(grant, clause)} TO sqltrail_triage`),
  ];
}

/** How a user gets a role, for people to read and adapt. */
export const ASSIGNING_ROLES = [
  "CREATE USER sqltrail IDENTIFIED BY '…' DEFAULT ROLE sqltrail_writer, sqltrail_detector",
  "CREATE USER anna IDENTIFIED BY '…' DEFAULT ROLE sqltrail_analyst",
  "CREATE USER ben IDENTIFIED BY '…' DEFAULT ROLE sqltrail_triage",
];

/** @returns GRANT statements without their TO. */
export function writerGrants(database: string): string[] {
  const within = quoted(database);
  return [
    ...WRITTEN_TABLES.map((table) => `GRANT INSERT ON ${within}.${table}`),
    ...['schema_migrations', 'rollup_marks', 'activity_rollup', 'connection_users'].map(
      (table) => `GRANT SELECT ON ${within}.${table}`,
    ),
    `GRANT SELECT(${ROLLED_UP_COLUMNS}) ON ${within}.audit_events`,
  ];
}

/** @returns GRANT statements without their TO. Views run with the rights of those who ask, so what is below them is granted too. */
export function analystGrants({ database, dangerouslyShowRaw = false }: RoleOptions): string[] {
  const within = quoted(database);
  const columns = Object.keys(auditSchema.shape).filter((name) => dangerouslyShowRaw || !RAW_COLUMNS.has(name));
  const ofFacts = columns.filter((name) => !STATEMENT_COLUMNS.has(name));
  return [
    // The whole view: the engine reads `user_name = ''` as a subcolumn, which no list of columns can name. What the list of the
    // table below does not have stays refused, as the view runs with the rights of those who ask.
    `GRANT SELECT ON ${within}.audit`,
    `GRANT SELECT(${ofFacts.join(', ')}) ON ${within}.audit_events`,
    ...READ_TABLES.map((table) => `GRANT SELECT ON ${within}.${table}`),
  ];
}

/** @returns GRANT statements without their TO. */
export function detectorGrants({ database }: RoleOptions): string[] {
  const within = quoted(database);
  return [
    ...analystGrants({ database }),
    `GRANT SELECT ON ${within}.rollup_marks`,
    ...DETECTION_TABLES.map((table) => `GRANT INSERT ON ${within}.${table}`),
  ];
}

/** @returns GRANT statements without their TO. */
export function triageGrants(options: RoleOptions): string[] {
  return [...analystGrants(options), `GRANT INSERT ON ${quoted(options.database)}.finding_triage`];
}

function withCluster(grant: string, clause: string): string {
  return clause === '' ? grant : grant.replace(/^GRANT/, `GRANT${clause}`);
}

function quoted(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
