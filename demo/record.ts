/**
 * Records `demo/shop.pcap` and `demo/shop.ground-truth.json` anew: a small web shop on MariaDB, captured as it runs.
 * Needs Linux, root, mariadb-server, tcpdump and the development dependencies. It runs in a network namespace of its own,
 * so that the hosts have real addresses, port 3306 is free and no other traffic is in the capture:
 *
 *     sudo unshare --net npx tsx demo/record.ts
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectionsOf, type LoggedCommand, userOf } from '../test/support/general-log.ts';
import { MariaDb } from '../test/support/mariadb.ts';
import { ensureInstalled } from '../test/support/packages.ts';
import { HOSTS, SERVER } from './hosts.ts';
import {
  ADDRESSES,
  administration,
  CUSTOMERS,
  injection,
  PHONE,
  passwordGuessing,
  reporting,
  SPOKEN_PASSWORDS,
  webServer,
  worker,
} from './scenes.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

if (Object.values(networkInterfaces()).flat().length > 0) {
  throw new Error('Run this in a network namespace of its own: sudo unshare --net npx tsx demo/record.ts');
}
ensureInstalled('mariadbd', 'tcpdump');
execFileSync('ip', ['link', 'set', 'lo', 'up']);
for (const address of ADDRESSES) execFileSync('ip', ['addr', 'add', `${address}/32`, 'dev', 'lo']);
// The mariadb client cannot choose its own address: the route to the server does.
execFileSync('ip', ['route', 'replace', 'local', SERVER, 'dev', 'lo', 'table', 'local', 'src', HOSTS.adminDesk]);

const server = await MariaDb.start({ host: SERVER, port: 3306 });
try {
  const statements = readFileSync(path('shop.sql'), 'utf8').split(';\n');
  await server.sql(...statements.filter((statement) => statement.trim() !== ''));
  await server.clearGeneralLog();

  const tcpdump = spawn(
    'tcpdump',
    ['-i', 'lo', '-s', '0', '-U', '-Z', 'root', '-w', path('shop.pcap'), 'tcp port 3306'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = new Promise((resolve) => tcpdump.once('exit', resolve));
  let said = '';
  await new Promise<void>((resolve) => {
    tcpdump.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes('listening on')) resolve();
    });
  });

  await Promise.all([
    webServer('web1', CUSTOMERS.slice(0, 3), 7),
    webServer('web2', CUSTOMERS.slice(3), 6),
    worker(12),
    sleep(2_000).then(reporting),
    sleep(3_000).then(injection),
    sleep(1_000).then(passwordGuessing),
    sleep(4_000).then(administration),
  ]);
  // libpcap hands on a block of packets at the latest after a second; a signal before that loses them.
  await sleep(2_500);
  tcpdump.kill('SIGINT');
  await ended;
  if (!said.includes('\n0 packets dropped by kernel')) throw new Error(`packets were lost, record again:\n${said}`);

  const truth = groundTruth(await server.generalLog());
  writeFileSync(path('shop.ground-truth.json'), `${JSON.stringify(truth, null, 2)}\n`);
  console.log(`${truth.connections.length} connections, ${statSync(path('shop.pcap')).size} bytes`);
} finally {
  await server.stop();
}

/** What the server's general log says, and the values that no masked output may hold. */
function groundTruth(log: readonly LoggedCommand[]) {
  const statementsByUser: Record<string, number> = {};
  for (const { command, userHost } of log) {
    if (command !== 'Query' && command !== 'Execute') continue;
    statementsByUser[userOf(userHost)] = (statementsByUser[userOf(userHost)] ?? 0) + 1;
  }
  const people = CUSTOMERS.flatMap(({ name, ...rest }) => [name.split("'").at(-1), ...Object.values(rest)]);
  const secrets = [...people, ...SPOKEN_PASSWORDS, PHONE];
  return { server: `${SERVER}:3306`, statementsByUser, connections: connectionsOf(log), secrets };
}
