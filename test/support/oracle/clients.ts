import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { madeOnce } from '../made-once.ts';
import { ensureInstalled } from '../packages.ts';

const PROGRAMS = fileURLToPath(new URL('../../servers/clients', import.meta.url));
const PYTHON_PACKAGES = ['PyMySQL', 'mysql-connector-python', 'cryptography'];
const JAVA_DRIVERS = [
  ['com.mysql', 'mysql-connector-j', '9.4.0'],
  ['org.mariadb.jdbc', 'mariadb-java-client', '3.5.5'],
] as const;

/** The server that a client program is to reach, and from where. */
export interface ClientTarget {
  readonly host: string;
  readonly port: number;
  /** A program with its arguments that starts the client, such as `ip netns exec NAME`. */
  readonly wrapper?: readonly string[];
}

export type ClientRun = (server: ClientTarget, args: readonly string[]) => Promise<void>;

/** Path of a file in `test/servers/clients`. */
export function clientFile(name: string): string {
  return join(PROGRAMS, name);
}

/** Runs a program to its end with the server's address in its environment. @throws Error with its output when it fails. */
export async function runClient(server: ClientTarget, program: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, DB_HOST: server.host, DB_PORT: String(server.port) };
  const [first, ...rest] = [...(server.wrapper ?? []), program, ...args];
  await promisify(execFile)(first!, rest, { env, maxBuffer: 1024 * 1024 * 1024, encoding: 'latin1' });
}

/** A Python with the drivers in it. A virtual environment holds its own path, so it is one by its folder. */
function pythonProgram(): string {
  const folder = madeOnce('python-drivers', (partial) => {
    ensureInstalled('python3');
    execFileSync('python3', ['-m', 'pip', 'install', '-q', '--target', partial, ...PYTHON_PACKAGES], {
      stdio: 'ignore',
    });
  });
  return folder;
}

export const runPython: ClientRun = async (server, [program, ...args]) => {
  const code = `import sys, runpy; sys.path.insert(0, sys.argv.pop(1)); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
  await runClient(server, 'python3', ['-c', code, pythonProgram(), clientFile(program!), ...args]);
};

export const runGo: ClientRun = async (server, args) => {
  ensureInstalled('go');
  const sources = ['go.mod', 'go.sum', 'main.go'].map((name) => clientFile(join('go', name)));
  const folder = madeOnce(`go-${hashOf(sources)}`, (partial) => {
    for (const source of sources) cpSync(source, join(partial, source.slice(clientFile('go').length)));
    execFileSync('go', ['build', '-o', 'client', '.'], { cwd: partial, stdio: 'ignore' });
  });
  await runClient(server, join(folder, 'client'), args);
};

export const runJava: ClientRun = async (server, args) => {
  ensureInstalled('javac');
  const source = clientFile('JdbcDriver.java');
  const versions = JAVA_DRIVERS.map(([, name, version]) => `${name}-${version}`).join('-');
  const drivers = madeOnce(`java-${versions}`, (partial) => {
    ensureInstalled('mvn');
    writeFileSync(join(partial, 'pom.xml'), pom());
    execFileSync('mvn', ['-q', 'dependency:copy-dependencies', '-DoutputDirectory=libs'], {
      cwd: partial,
      stdio: 'ignore',
    });
  });
  const classes = madeOnce(`java-${hashOf([source])}`, (partial) => {
    execFileSync('javac', ['-d', partial, source], { stdio: 'ignore' });
  });
  await runClient(server, 'java', ['-Xmx1g', '-cp', `${join(drivers, 'libs')}/*:${classes}`, 'JdbcDriver', ...args]);
};

export const runPhp: ClientRun = async (server, [program, ...args]) => {
  ensureInstalled('php');
  await runClient(server, 'php', ['-d', 'memory_limit=-1', clientFile(program!), ...args]);
};

function pom(): string {
  const dependencies = JAVA_DRIVERS.map(
    ([group, name, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sqltrail.test</groupId><artifactId>drivers</artifactId><version>1</version>
<dependencies>${dependencies.join('')}</dependencies></project>`;
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
