import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { LoggedCommand } from './general-log.ts';
import type { LoggedServer } from './oracle/logged-server.ts';

export interface PrivateServerParts {
  readonly name: LoggedServer['name'];
  readonly host: string;
  readonly port: number;
  /** All its files; removed by `stop`. */
  readonly folder: string;
  readonly process: ChildProcess;
  /** `root` has no password there, and no packet capture sees it. */
  readonly socketPath: string;
  readonly errorLog: string;
  /** The argument of a row of the general log in SQL, and its text. */
  readonly argument: { readonly sql: string; readonly text: (value: unknown) => string };
}

/** A running server with its general log in a table, which is the ground truth of the tests. */
export class PrivateServer implements LoggedServer {
  readonly name: LoggedServer['name'];
  readonly host: string;
  readonly port: number;
  readonly #parts: PrivateServerParts;

  protected constructor(parts: PrivateServerParts) {
    this.name = parts.name;
    this.host = parts.host;
    this.port = parts.port;
    this.#parts = parts;
  }

  /** Resolves once it answers. @throws Error with its own log when it does not, and it is stopped then. */
  protected async ready(limitMs: number): Promise<this> {
    const { name, process, errorLog } = this.#parts;
    for (let waitedMs = 0; waitedMs < limitMs && process.exitCode === null; waitedMs += 200) {
      try {
        await this.sql('SELECT 1');
        return this;
      } catch {
        await sleep(200);
      }
    }
    const error = new Error(`${name} did not come up:\n${readFileSync(errorLog, 'utf8')}`);
    await this.stop();
    throw error;
  }

  /** Runs statements one by one as root over the unix socket; rows of the last one. */
  async sql(...statements: string[]): Promise<RowDataPacket[]> {
    const connection = await createConnection({ user: 'root', socketPath: this.#parts.socketPath });
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
    const { argument } = this.#parts;
    const rows = await this.sql(
      `SELECT thread_id, command_type, ${argument.sql} AS argument, user_host FROM mysql.general_log
       WHERE thread_id <> 0 AND thread_id NOT IN
         (SELECT DISTINCT thread_id FROM mysql.general_log WHERE user_host LIKE '%@ localhost%')`,
    );
    return rows.map((row) => ({
      threadId: Number(row['thread_id']),
      command: String(row['command_type']),
      argument: argument.text(row['argument']),
      userHost: String(row['user_host']),
    }));
  }

  async clearGeneralLog(): Promise<void> {
    await this.sql('TRUNCATE TABLE mysql.general_log');
  }

  /** Stops the server by its own process and removes its files. */
  async stop(): Promise<void> {
    const { process, folder } = this.#parts;
    if (process.exitCode === null && process.signalCode === null) {
      const exited = new Promise((resolve) => process.once('exit', resolve));
      process.kill('SIGTERM');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
