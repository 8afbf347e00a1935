/**
 * `npm run demo`: reads the recorded web shop with the built command line, stores its audit trail in
 * `sqltrail-data/demo` (made anew each time) and asks it a few questions. Ends with 1 when a step fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const STORE = 'sqltrail-data/demo';
const CAPTURE = 'demo/shop.pcap';
const CARD_READERS = `SELECT user_name, client_address, statement_kind, count() AS times, sum(affected_rows) AS changed,
  sum(returned_rows) AS returned FROM audit WHERE has(tables, 'payments') GROUP BY ALL ORDER BY times DESC`;
const INJECTIONS = `SELECT client_address, status, substring(statement_masked, position(statement_masked, 'UNION')) AS typed
  FROM audit WHERE statement_masked LIKE '%UNION%' ORDER BY event_time`;
const SHOWN_LINES = 16;
const width = Math.max(80, Math.min(process.stdout.columns ?? 120, 120));

if (!existsSync(cli)) fail('The command line is not built.', 'npm run build');

say('A web shop on MariaDB, recorded for six seconds: six hosts, four accounts, and someone who tries SQL injection.');
if (isInstalled('chdb')) {
  rmSync(join(root, STORE), { recursive: true, force: true });
  show(run(['run', '--read', CAPTURE, '--store', STORE, '--format', 'table']));
  say('What is suspicious? Someone reads password hashes through the search form, and a new account was made.');
  run(['findings', 'list', '--store', STORE], 'inherit');
  say('Who failed to log in? One host nobody knows, with three accounts.');
  run(['query', 'failed-logins', '--store', STORE], 'inherit');
  say(
    'Who touched the table with the card numbers? The shop that fills it, an analyst, and the shop once as a reader.',
  );
  run(['query', '--sql', CARD_READERS, '--store', STORE], 'inherit');
  say('What was typed into the search form? Every literal is masked; what it did is not.');
  run(['query', '--sql', INJECTIONS, '--store', STORE], 'inherit');
  say('These investigations are ready to run:');
  run(['query', '--store', STORE], 'inherit');
  say('Try next:');
  console.log(`  node dist/cli/main.js rules explain "SELECT * FROM users WHERE name = '' OR 1=1 -- '"
  node dist/cli/main.js query slowest-digests --limit 5 --store ${STORE}
  node dist/cli/main.js query --sql "SELECT * FROM audit LIMIT 3" --format json --store ${STORE}
  node dist/cli/main.js run --read ${CAPTURE} --store none --format ndjson | head -3
  sudo node dist/cli/main.js run -i eth0 --format table      # the traffic of your own server`);
} else {
  say(
    'The optional package chdb (the embedded store) is not installed: nothing is stored and no question can be asked.',
  );
  console.log('Cure: npm ci --include=optional, on Linux or macOS with x64 or arm64.');
  show(run(['run', '--read', CAPTURE, '--store', 'none', '--format', 'table']));
}

/** Runs the command line and returns its standard output unless it goes to the terminal; a failure ends the demo. */
function run(args, output = 'pipe') {
  console.log(`\n$ node ${relative(process.cwd(), cli)} ${args.map(quoted).join(' ')}`);
  const result = spawnSync(process.execPath, [cli, ...args], {
    cwd: root,
    stdio: ['ignore', output, 'inherit'],
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
