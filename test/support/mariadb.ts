import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { ensureInstalled } from './packages.ts';
import { PrivateServer } from './private-server.ts';

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
export class MariaDb extends PrivateServer {
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
    const server = new MariaDb({
      name: 'MariaDB',
      host,
      port,
      folder,
      process: child,
      socketPath: join(folder, 'run', 'socket'),
      errorLog: join(folder, 'data', 'error.log'),
      argument: { sql: 'CONVERT(argument USING utf8mb4)', text: String },
    });
    return server.ready(START_LIMIT_MS);
  }
}
