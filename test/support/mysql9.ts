import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from './free-port.ts';
import type { LoggedCommand } from './general-log.ts';
import { madeOnce } from './made-once.ts';
import type { LoggedServer } from './oracle/logged-server.ts';
import { ensureInstalled } from './packages.ts';

const START_LIMIT_MS = 120_000;
/** MySQL logs most texts as the bytes it received. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A Debian sid of its own with MySQL 9, since no released Debian has it; made once, about 650 MB. Needs root. */
export function mysql9Root(): string {
  ensureInstalled('debootstrap');
  return madeOnce('mysql9', (folder) => {
    const include = '--include=mysql-server-core,mysql-client-core';
    execFileSync('debootstrap', ['--variant=minbase', include, 'sid', folder], { stdio: 'ignore' });
  });
}

/** A private MySQL 9 in its own Debian: own port, own socket, no TLS, its general log in a table as it received the texts. */
export class MySql9 implements LoggedServer {
  readonly name = 'MySQL';
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string, process: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#process = process;
  }

  /** @throws Error with the server's own log when it does not come up in 120 s. */
  static async start(options: { serverArgs?: readonly string[] } = {}): Promise<MySql9> {
    const root = mysql9Root();
    const port = await freePort('127.0.0.1');
    mkdirSync(join(root, 'tmp'), { recursive: true });
    const folder = mkdtempSync(join(root, 'tmp', 'sqltrail-mysql-'));
    const inside = `/${relative(root, folder)}`;
    const common = ['--no-defaults', '--user=root', `--datadir=${inside}/data`, `--log-error=${inside}/error.log`];
    execFileSync('chroot', [root, 'mysqld', ...common, '--initialize-insecure', '--secure-file-priv='], {
      stdio: 'ignore',
    });
    const child = spawn(
      'chroot',
      [
        root,
        'mysqld',
        ...common,
        `--socket=${inside}/s`,
        `--pid-file=${inside}/pid`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        '--mysqlx=OFF',
        '--tls-version=',
        '--secure-file-priv=',
        '--skip-name-resolve',
        '--log-output=TABLE',
        '--general-log=1',
        '--log-raw=1',
        '--innodb-flush-log-at-trx-commit=0',
        ...(options.serverArgs ?? []),
      ],
      { stdio: 'ignore' },
    );
    const server = new MySql9(port, folder, child);
    try {
      await server.#waitUntilReady();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async sql(...statements: string[]): Promise<RowDataPacket[]> {
    const connection = await createConnection({ user: 'root', socketPath: join(this.#folder, 's') });
    try {
      let rows: RowDataPacket[] = [];
      for (const statement of statements) [rows] = await connection.query<RowDataPacket[]>(statement);
      return rows;
    } finally {
      await connection.end();
    }
  }

  async generalLog(): Promise<LoggedCommand[]> {
    const rows = await this.sql(
      `SELECT thread_id, command_type, argument, user_host FROM mysql.general_log
       WHERE thread_id <> 0 AND thread_id NOT IN
         (SELECT DISTINCT thread_id FROM mysql.general_log WHERE user_host LIKE '%@ localhost%')`,
    );
    return rows.map((row) => ({
      threadId: Number(row['thread_id']),
      command: String(row['command_type']),
      argument: textOf(row['argument']),
      userHost: String(row['user_host']),
    }));
  }

  async clearGeneralLog(): Promise<void> {
    await this.sql('TRUNCATE TABLE mysql.general_log');
  }

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
    throw new Error(`MySQL did not come up:\n${readFileSync(join(this.#folder, 'error.log'), 'utf8')}`);
  }
}

/** Bytes that are no UTF-8 as one character a byte: the comparison decodes them. */
function textOf(argument: unknown): string {
  if (!Buffer.isBuffer(argument)) return String(argument);
  try {
    return UTF_8.decode(argument);
  } catch {
    return argument.toString('latin1');
  }
}
