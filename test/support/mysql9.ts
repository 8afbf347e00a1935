import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join, relative } from 'node:path';
import { freePort } from './free-port.ts';
import { madeOnce } from './made-once.ts';
import { ensureInstalled } from './packages.ts';
import { PrivateServer } from './private-server.ts';

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
export class MySql9 extends PrivateServer {
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
    const server = new MySql9({
      name: 'MySQL',
      host: '127.0.0.1',
      port,
      folder,
      process: child,
      socketPath: join(folder, 's'),
      errorLog: join(folder, 'error.log'),
      argument: { sql: 'argument', text: textOf },
    });
    return server.ready(START_LIMIT_MS);
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
