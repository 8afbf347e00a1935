/**
 * `npm run demo`: reads the recorded web shop with the built command line, stores its audit trail in
 * `sqltrail-data/demo` (made anew each time) and asks it a few questions. Ends with 1 when a step fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const STORE = 'sqltrail-data/demo';
const CAPTURE = 'demo/shop.pcap';
/** Saved queries the demo shows, each with the question it answers. */
const QUERIES = [
  ['overview', 'Who used which server, and how much?'],
  ['failed-logins', 'Who failed to log in?'],
  ['errors-by-user', 'Which statements went wrong?'],
];
const SHOWN_LINES = 18;
const width = Math.max(80, Math.min(process.stdout.columns ?? 100, 120));

if (!existsSync(cli)) fail('The command line is not built.', 'npm run build');

say('A web shop on MariaDB, recorded for six seconds: six hosts, four accounts, and someone who tries SQL injection.');
if (isInstalled('chdb')) {
  rmSync(`${root}/${STORE}`, { recursive: true, force: true });
  show(run(['run', '--read', CAPTURE, '--store', STORE, '--format', 'table']));
  for (const [name, question] of QUERIES) {
    say(question);
    show(run(['query', name, '--store', STORE]));
  }
  say('What did that last host try with UNION? Every literal is masked; what it did to the tables is not.');
  const sql = `SELECT user_name, client_address, status, statement_masked FROM audit WHERE statement_masked ILIKE '%union%' ORDER BY event_time`;
  show(run(['query', '--sql', sql, '--store', STORE]));
  say('Try next:');
  console.log(`  node dist/cli/main.js query --sql "SELECT * FROM audit LIMIT 3" --store ${STORE} --format json
  node dist/cli/main.js run --read ${CAPTURE} --store none --format ndjson | head -3
  sudo node dist/cli/main.js run -i eth0 --store sqltrail-data/live --format table      # your own server's traffic`);
} else {
  say('The optional package chdb (the embedded store) is not installed, so nothing is stored and no query can run.');
  console.log('  Cure: npm install --include=optional   (Linux or macOS, x64 or arm64, glibc)');
  show(run(['run', '--read', CAPTURE, '--store', 'none', '--format', 'table']));
}

/** Runs the command line and returns its standard output; a failure ends the demo. */
function run(args) {
  console.log(`\n$ node ${relative(process.cwd(), cli)} ${args.map(quoted).join(' ')}`);
  const result = spawnSync(process.execPath, [cli, ...args], {
    cwd: root,
    env: { ...process.env, COLUMNS: String(width) },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error) fail(`The command could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`The command ended with ${result.status ?? result.signal}.`);
  return result.stdout;
}

/** Prints the first lines, each cut to the terminal's width, and says how many more there are. */
function show(output) {
  const lines = output.trimEnd().split('\n');
  for (const line of lines.slice(0, SHOWN_LINES)) {
    console.log(line.length > width ? `${line.slice(0, width - 1)}…` : line);
  }
  if (lines.length > SHOWN_LINES) console.log(`… and ${lines.length - SHOWN_LINES} more lines`);
}

function say(text) {
  console.log(`\n${text}`);
}

function fail(what, cure) {
  console.error(`\ndemo: ${what}${cure ? ` Cure: ${cure}` : ''}`);
  process.exit(1);
}

function quoted(argument) {
  return /^[\w./:-]+$/.test(argument) ? argument : `"${argument}"`;
}

function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
