import { SqltrailError } from '../../runtime/errors.ts';

/** Where the tables of a server stand. */
export interface ClusterLayout {
  /** Name of the cluster, as in `system.clusters`; absent: this server alone. */
  readonly cluster?: string | undefined;
  /** Whether tables are replicated over the cluster's hosts. */
  readonly isReplicated?: boolean | undefined;
}

const REPLICA = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'";

/**
 * What turns the text of a migration into what the layout needs: `ON CLUSTER`, and replicated engines, which take the macros
 * {shard} and {replica} of each host and keep their data in step.
 *
 * @throws SqltrailError `config_invalid` where only one of the two is given: tables on several hosts that know nothing of each
 *   other would each hold a part of the trail and be told to hold all of it.
 */
export function clusterSql({ cluster = '', isReplicated = false }: ClusterLayout): (sql: string) => string {
  if ((cluster !== '') !== isReplicated) {
    throw new SqltrailError(
      'config_invalid',
      cluster === ''
        ? 'Replicated tables need the name of a cluster.'
        : 'A cluster is named, but tables are not replicated.',
      'Set clickhouse.cluster and clickhouse.is_replicated both, or neither.',
    );
  }
  const clause = onCluster({ cluster });
  if (clause === '') return (sql) => sql;
  return (sql) =>
    sql
      .replace(/^(CREATE (?:OR REPLACE )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?[a-z_]+)/m, `$1${clause}`)
      .replace(/^(ALTER TABLE [a-z_]+)/m, `$1${clause}`)
      .replace(
        /^ENGINE = (\w*MergeTree)(?:\((.*)\))?$/m,
        (_, engine: string, parameters: string | undefined) =>
          `ENGINE = Replicated${engine}(${[REPLICA, ...(parameters === undefined || parameters === '' ? [] : [parameters])].join(', ')})`,
      )
      .replace(/\bnon_replicated_deduplication_window\b/, 'replicated_deduplication_window');
}

/** ` ON CLUSTER name`, or nothing. */
export function onCluster({ cluster = '' }: ClusterLayout): string {
  return cluster === '' ? '' : ` ON CLUSTER \`${cluster.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
