import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from './free-port.ts';
import type { LoggedCommand } from './general-log.ts';
import { ensureInstalled } from './packages.ts';

const START_LIMIT_MS = 60_000;

export interface MariaDbOptions {
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Further options of the server. */
  readonly serverArgs?: readonly string[];
}

/**
 * A private MariaDB in a temporary directory: own port, own socket, no TLS, no name resolving, and its general log in a
 * table, which is the ground truth of the tests. Needs root (the server runs as user mysql). `root` has no password but
 * only this process's user reaches the socket.
 */
export class MariaDb {
  readonly name = 'MariaDB';
  readonly host: string;
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(host: string, port: number, folder: string, process: ChildProcess) {
    this.host = host;
    this.port = port;
    this.#folder = folder;
    this.#process = process;
  }

  /** @throws Error with the server's own log when it does not come up in 60 s. */
  static async start(options: MariaDbOptions = {}): Promise<MariaDb> {
    ensureInstalled('mariadbd');
    const host = options.host ?? '127.0.0.1';
    const port = options.port ?? (await freePort(host));
    const folder = mkdtempSync(join(tmpdir(), 'sqltrail-mariadb-'));
    chmodSync(folder, 0o711);
    execFileSync('install', ['-d', '-o', 'mysql', '-g', 'mysql', '-m', '700', join(folder, 'data')]);
    execFileSync('install', ['-d', '-o', 'mysql', '-g', 'mysql', '-m', '700', join(folder, 'run')]);
    execFileSync(
      'mariadb-install-db',
      [
        '--no-defaults',
        '--user=mysql',
        `--datadir=${join(folder, 'data')}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
      ],
      { stdio: 'ignore' },
    );
    const child = spawn(
      'mariadbd',
      [
        '--no-defaults',
        '--user=mysql',
        `--datadir=${join(folder, 'data')}`,
        `--socket=${join(folder, 'run', 'socket')}`,
        `--pid-file=${join(folder, 'run', 'pid')}`,
        `--log-error=${join(folder, 'data', 'error.log')}`,
        `--bind-address=${host}`,
        `--port=${port}`,
        '--skip-networking=0',
        '--skip-name-resolve',
        '--log-output=TABLE',
        '--general-log=1',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-buffer-pool-size=64M',
        ...(options.serverArgs ?? []),
      ],
      { stdio: 'ignore', env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` } },
    );
    const server = new MariaDb(host, port, folder, child);
    try {
      await server.#waitUntilReady();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Runs statements one by one as root over the unix socket, where no packet capture sees them; rows of the last one. */
  async sql(...statements: string[]): Promise<RowDataPacket[]> {
    const connection = await createConnection({ user: 'root', socketPath: join(this.#folder, 'run', 'socket') });
    try {
      let rows: RowDataPacket[] = [];
      for (const statement of statements) [rows] = await connection.query<RowDataPacket[]>(statement);
      return rows;
    } finally {
      await connection.end();
    }
  }

  /** Every command that came over TCP so far, in the server's order. */
  async generalLog(): Promise<LoggedCommand[]> {
    const rows = await this.sql(
      `SELECT thread_id, command_type, CONVERT(argument USING utf8mb4) AS argument, user_host FROM mysql.general_log
       WHERE thread_id <> 0 AND thread_id NOT IN
         (SELECT DISTINCT thread_id FROM mysql.general_log WHERE user_host LIKE '%@ localhost%')`,
    );
    return rows.map((row) => ({
      threadId: Number(row['thread_id']),
      command: String(row['command_type']),
      argument: String(row['argument']),
      userHost: String(row['user_host']),
    }));
  }

  async clearGeneralLog(): Promise<void> {
    await this.sql('TRUNCATE TABLE mysql.general_log');
  }

  /** Stops the server by its own process and removes its files. */
  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGTERM');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #waitUntilReady(): Promise<void> {
    for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += 200) {
      if (this.#process.exitCode !== null) break;
      try {
        await this.sql('SELECT 1');
        return;
      } catch {
        await sleep(200);
      }
    }
    throw new Error(`MariaDB did not come up:\n${readFileSync(join(this.#folder, 'data', 'error.log'), 'utf8')}`);
  }
}
