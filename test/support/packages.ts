import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian package of each program the server tests start. */
const PACKAGES: Readonly<Record<string, string>> = {
  mariadbd: 'mariadb-server',
  sysbench: 'sysbench',
  tcpdump: 'tcpdump',
  mariadb: 'mariadb-client',
  debootstrap: 'debootstrap',
  php: 'php-cli php-mysql',
  go: 'golang-go',
  javac: 'default-jdk-headless',
  mvn: 'maven',
  java: 'default-jre-headless',
  openssl: 'openssl',
  ip: 'iproute2',
  ethtool: 'ethtool',
  python3: 'python3 python3-pip',
  'mariadb-binlog': 'mariadb-client',
  'mariadb-dump': 'mariadb-client',
};

/**
 * Makes sure that programs are installed; as root on Debian it installs what is missing with apt-get.
 * @throws Error with the cure when a program is missing and cannot be installed: server tests fail, they never skip.
 */
export function ensureInstalled(...programs: (keyof typeof PACKAGES & string)[]): void {
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length === 0) return;
  const packages = missing.flatMap((program) => (PACKAGES[program] ?? program).split(' '));
  const command = `apt-get install -y ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) throw new Error(`Missing: ${missing.join(', ')}. Install with: sudo ${command}`);
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  execFileSync('apt-get', ['update'], options);
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], options);
  const still = programs.filter((program) => !isOnPath(program));
  if (still.length > 0) throw new Error(`Still missing after ${command}: ${still.join(', ')}`);
}

function isOnPath(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
