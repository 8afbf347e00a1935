import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runMysql2 } from '../../servers/clients/mysql2-all.ts';
import { mysql9Root } from '../mysql9.ts';
import { ensureInstalled } from '../packages.ts';
import {
  type ClientRun,
  type ClientTarget,
  clientFile,
  runClient,
  runGo,
  runJava,
  runPhp,
  runPython,
} from './clients.ts';
import type { LoggedServer } from './logged-server.ts';

export interface Scenario {
  readonly client: string;
  /** Default: both. */
  readonly servers?: readonly LoggedServer['name'][];
  /** @param file Some thousand lines for LOAD DATA LOCAL. */
  readonly run: (server: ClientTarget, file: string) => Promise<void>;
  /** The client's character set where its statements are no UTF-8, as the encoding standard names it. */
  readonly encoding?: string;
  /** Least rows of the log: below it the client did not do its work. */
  readonly atLeast: number;
}

const with_ =
  (run: ClientRun, ...args: string[]) =>
  (server: ClientTarget, file: string) =>
    run(
      server,
      args.map((arg) => (arg === 'FILE' ? file : arg)),
    );

const jdbc =
  (kind: 'mysql' | 'mariadb', options: string): Scenario['run'] =>
  (server, file) =>
    runJava(server, [
      `jdbc:${kind}://${server.host}:${server.port}/shop?${kind === 'mysql' ? CONNECTOR_J : MARIADB_CONNECTOR_J}${options}`,
      file,
    ]);
const CONNECTOR_J =
  'sslMode=DISABLED&allowPublicKeyRetrieval=true&allowLoadLocalInfile=true&maxAllowedPacket=67108864&';
const MARIADB_CONNECTOR_J =
  'sslMode=disable&allowPublicKeyRetrieval=true&allowLocalInfile=true&maxAllowedPacket=67108864&';

/** Every client with every way it has to send statements. */
export const SCENARIOS: readonly Scenario[] = [
  { client: 'mysql2', run: with_(runMysql2, 'FILE'), atLeast: 240 },
  { client: 'mysql2, compressed', run: with_(runMysql2, 'FILE', 'compress'), atLeast: 240 },
  { client: 'mariadb', run: mariadbCli(), atLeast: 20 },
  { client: 'mariadb, compressed', run: mariadbCli('--compress'), atLeast: 20 },
  { client: 'mariadb-dump', run: mariadbDump, atLeast: 20 },
  { client: 'mariadb-binlog', servers: ['MariaDB'], run: mariadbBinlog, atLeast: 3 },
  { client: 'mysql 9', servers: ['MySQL'], run: mysqlCli(), atLeast: 20 },
  { client: 'mysql 9, zlib', servers: ['MySQL'], run: mysqlCli('--compression-algorithms=zlib'), atLeast: 20 },
  { client: 'mysql 9, zstd', servers: ['MySQL'], run: mysqlCli('--compression-algorithms=zstd'), atLeast: 20 },
  { client: 'PyMySQL', run: with_(runPython, 'pymysql_text.py', 'FILE'), encoding: 'windows-1252', atLeast: 230 },
  {
    client: 'PyMySQL, gbk',
    run: with_(runPython, 'pymysql_charset.py', 'gbk', '軟件誠信'),
    encoding: 'gbk',
    atLeast: 20,
  },
  {
    client: 'PyMySQL, sjis',
    run: with_(runPython, 'pymysql_charset.py', 'sjis', '表示ソ能'),
    encoding: 'shift_jis',
    atLeast: 20,
  },
  {
    client: 'PyMySQL, latin1',
    run: with_(runPython, 'pymysql_charset.py', 'latin1', 'café €'),
    encoding: 'windows-1252',
    atLeast: 20,
  },
  { client: 'mysql-connector-python', run: with_(runPython, 'connector_python.py', 'FILE'), atLeast: 300 },
  {
    client: 'mysql-connector-python, compressed, attributes',
    servers: ['MySQL'],
    run: with_(runPython, 'connector_python.py', 'FILE', 'compress', 'attributes'),
    atLeast: 300,
  },
  { client: 'go-sql-driver, prepared', run: with_(runGo, 'interpolateParams=false', 'FILE'), atLeast: 250 },
  { client: 'go-sql-driver, interpolated', run: with_(runGo, 'interpolateParams=true', 'FILE'), atLeast: 150 },
  { client: 'Connector/J, text', run: jdbc('mysql', 'allowMultiQueries=true'), atLeast: 150 },
  {
    client: 'Connector/J, rewritten batches',
    run: jdbc('mysql', 'allowMultiQueries=true&rewriteBatchedStatements=true'),
    atLeast: 100,
  },
  {
    client: 'Connector/J, prepared',
    run: jdbc('mysql', 'allowMultiQueries=true&useServerPrepStmts=true&cachePrepStmts=true'),
    atLeast: 150,
  },
  {
    client: 'Connector/J, prepared, cursors, rewritten batches',
    run: jdbc('mysql', 'useServerPrepStmts=true&useCursorFetch=true&rewriteBatchedStatements=true'),
    atLeast: 100,
  },
  {
    client: 'Connector/J, compressed',
    run: jdbc('mysql', 'useCompression=true&useServerPrepStmts=true'),
    atLeast: 150,
  },
  { client: 'MariaDB Connector/J, text', run: jdbc('mariadb', 'allowMultiQueries=true'), atLeast: 100 },
  {
    client: 'MariaDB Connector/J, prepared',
    run: jdbc('mariadb', 'useServerPrepStmts=true&allowMultiQueries=true'),
    atLeast: 100,
  },
  {
    client: 'MariaDB Connector/J, bulk',
    run: jdbc('mariadb', 'useServerPrepStmts=true&useBulkStmts=true&useBulkStmtsForInserts=true'),
    atLeast: 100,
  },
  {
    // This driver breaks its own connection when it sends a file compressed.
    client: 'MariaDB Connector/J, compressed',
    run: (server) => jdbc('mariadb', 'useCompression=true')(server, ''),
    atLeast: 100,
  },
  { client: 'mysqli', run: with_(runPhp, 'mysqli.php', 'FILE'), encoding: 'gbk', atLeast: 200 },
  { client: 'mysqli, compressed', run: with_(runPhp, 'mysqli.php', 'FILE', 'compress'), encoding: 'gbk', atLeast: 200 },
  { client: 'PDO, emulated', run: with_(runPhp, 'pdo.php', 'FILE', 'emulate'), atLeast: 100 },
  { client: 'PDO, prepared', run: with_(runPhp, 'pdo.php', 'FILE'), atLeast: 100 },
];

function login(server: ClientTarget): string[] {
  return ['--no-defaults', `--host=${server.host}`, `--port=${server.port}`, '--user=app', '--password=app-pass'];
}

function mariadbCli(...options: string[]): Scenario['run'] {
  return async (server, file) => {
    ensureInstalled('mariadb');
    const args = [
      ...login(server),
      '--skip-ssl',
      '--force',
      '--local-infile=1',
      '--max-allowed-packet=64M',
      ...options,
    ];
    await feed('mariadb', [...args, 'shop'], script(file));
  };
}

/** The file lies outside the root of this client: no LOAD DATA LOCAL. */
function mysqlCli(...options: string[]): Scenario['run'] {
  return async (server) => {
    const args = [...login(server), '--ssl-mode=DISABLED', '--get-server-public-key', '--force'];
    const attributes = `query_attributes trace abc-123 attempt 2\nSELECT 'with attributes';\n`;
    await feed(
      'chroot',
      [mysql9Root(), 'mysql', ...args, '--max-allowed-packet=64M', ...options, 'shop'],
      attributes + script(null),
    );
  };
}

function script(file: string | null): string {
  const load = file === null ? '' : `LOAD DATA LOCAL INFILE '${file}' INTO TABLE lines_in (line);\n`;
  const long = `SELECT LENGTH('${'c'.repeat(17 * 1024 * 1024)}');\n`;
  return readFileSync(clientFile('cli-script.sql'), 'utf8') + load + long;
}

/** Statements with errors make these programs end with 1. */
async function feed(program: string, args: readonly string[], input: string): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 && !stderr.includes('missing')) throw new Error(`${program} ended with ${code}: ${stderr}`);
}

async function mariadbDump(server: ClientTarget): Promise<void> {
  ensureInstalled('mariadb-dump');
  const args = [...login(server), '--skip-ssl', '--routines', '--single-transaction', '--skip-lock-tables', 'shop'];
  await runClient(server, 'mariadb-dump', args);
}

async function mariadbBinlog(server: ClientTarget): Promise<void> {
  ensureInstalled('mariadb-binlog');
  const args = [...login(server), '--skip-ssl', '--read-from-remote-server', 'binlog.000001'];
  await runClient(server, 'mariadb-binlog', args);
}
