import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LoggedServer } from './oracle/logged-server.ts';

const PASSWORD = 'bench-pass';
const TABLE_ROWS = 1_000;

export interface Workload {
  readonly script: 'oltp_point_select' | 'oltp_read_write';
  /** `disable` sends text, `auto` prepares every statement. */
  readonly preparedStatements: 'disable' | 'auto';
  readonly events: number;
  readonly threads: number;
  /** Events a second over all threads, so that no loss is forced. */
  readonly eventsPerSecond: number;
}

/** Creates the account, the schema and the table that the workloads use. */
export async function prepareSysbench(server: LoggedServer): Promise<void> {
  await server.sql(
    'CREATE DATABASE sbtest',
    `CREATE USER sbtest IDENTIFIED BY '${PASSWORD}'`,
    'GRANT ALL ON sbtest.* TO sbtest',
  );
  await sysbench(server, 'oltp_read_write', [], 'prepare');
}

/** Runs a workload to its end over plain TCP. @throws Error with sysbench's output when it fails. */
export async function runSysbench(server: LoggedServer, workload: Workload): Promise<void> {
  const options = [
    `--threads=${workload.threads}`,
    `--events=${workload.events}`,
    `--rate=${workload.eventsPerSecond}`,
    `--db-ps-mode=${workload.preparedStatements}`,
    '--time=0',
  ];
  await sysbench(server, workload.script, options, 'run');
}

async function sysbench(server: LoggedServer, script: string, options: readonly string[], step: string): Promise<void> {
  await promisify(execFile)('sysbench', [
    script,
    '--db-driver=mysql',
    `--mysql-host=${server.host}`,
    `--mysql-port=${server.port}`,
    '--mysql-user=sbtest',
    `--mysql-password=${PASSWORD}`,
    '--mysql-db=sbtest',
    '--mysql-ssl=off',
    '--tables=1',
    `--table-size=${TABLE_ROWS}`,
    ...options,
    step,
  ]);
}
