import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseLines, startCli } from '../support/cli.ts';
import { MariaDb } from '../support/mariadb.ts';
import { ensureInstalled } from '../support/packages.ts';
import { prepareSysbench, runSysbench } from '../support/sysbench.ts';

let server: MariaDb;

beforeAll(async () => {
  ensureInstalled('mariadbd', 'sysbench', 'tcpdump');
  server = await MariaDb.start();
  await prepareSysbench(server);
  await server.clearGeneralLog();
});
afterAll(() => server?.stop());

test('reads what tcpdump writes to a pipe and ends with it', async () => {
  const tcpdump = spawn('tcpdump', ['-i', 'lo', '-B', '131072', '-U', '-w', '-', `tcp port ${server.port}`]);
  const port = String(server.port);
  const cli = startCli(['run', '--read', '-', '--port', port, '--store', 'none', '--format', 'ndjson'], {
    stdin: 'pipe',
  });
  tcpdump.stdout.pipe(cli.process.stdin!);
  let said = '';
  await new Promise<void>((resolve) => {
    tcpdump.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes('listening on')) resolve();
    });
  });
  await runSysbench(server, {
    script: 'oltp_read_write',
    preparedStatements: 'auto',
    events: 100,
    threads: 2,
    eventsPerSecond: 50,
  });
  // libpcap hands on a block of packets at the latest after a second; a signal before that loses them.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  tcpdump.kill('SIGINT');
  const outcome = await cli.outcome;
  expect(outcome.code, outcome.stderr).toBe(0);
  expect(said).toContain('\n0 packets dropped by kernel');
  const executed = parseLines(outcome.stdout).filter((event) => event['command'] === 'execute');
  const logged = (await server.generalLog()).filter((entry) => entry.command === 'Execute');
  expect(logged.length).toBeGreaterThan(1_000);
  expect(executed).toHaveLength(logged.length);
});
