import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MariaDb } from './mariadb.ts';
import { MySql9 } from './mysql9.ts';
import type { LoggedServer } from './oracle/logged-server.ts';
import { ensureInstalled } from './packages.ts';

/** A server with TLS beside plain connections, its performance schema on and its general log off; nobody has signed its certificate. */
export async function startTlsServer(name: LoggedServer['name']): Promise<LoggedServer> {
  if (name === 'MySQL') return MySql9.start({ serverArgs: ['--general-log=0', '--tls-version=TLSv1.2,TLSv1.3'] });
  ensureInstalled('openssl', 'mariadbd');
  const folder = mkdtempSync(join(tmpdir(), 'sqltrail-tls-'));
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  const subject = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=db'];
  execFileSync('openssl', ['req', ...subject, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  execFileSync('chown', ['-R', 'mysql', folder]);
  const serverArgs = ['--general-log=0', '--performance-schema=ON', `--ssl-cert=${certificate}`, `--ssl-key=${key}`];
  try {
    return await MariaDb.start({ serverArgs });
  } finally {
    // It has read them.
    rmSync(folder, { recursive: true });
  }
}
