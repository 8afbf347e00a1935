import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseLines, queryRows, type Row, runCli } from '../support/cli.ts';
import { MariaDb } from '../support/mariadb.ts';
import { captureToFile } from '../support/oracle/capture-file.ts';
import type { ClientTarget } from '../support/oracle/clients.ts';
import { compareWithLog } from '../support/oracle/compare-log.ts';
import { compareWithClean } from '../support/oracle/compare-with-clean.ts';
import { dropPackets } from '../support/oracle/drop-packets.ts';
import { LossyNetwork } from '../support/oracle/lossy-network.ts';
import { SCENARIOS } from '../support/oracle/scenarios.ts';
import { createShop, logInOnce, SHOP_ARGS } from '../support/oracle/shop.ts';
import { ensureInstalled } from '../support/packages.ts';
import { prepareSysbench, runSysbench } from '../support/sysbench.ts';

/** Clients with texts, prepared statements, long data, files of the client, several results and 17 MiB. */
const CLIENTS = ['PyMySQL', 'go-sql-driver, prepared', 'Connector/J, prepared', 'mysqli', 'mysqli, compressed'];
const SHARE_DROPPED = 0.01;
const SEEDS = [1, 2, 3, 4];

let folder: string;
let lines: string;
let server: MariaDb;

beforeAll(() => {
  ensureInstalled('mariadbd', 'sysbench', 'tcpdump');
  folder = mkdtempSync(join(tmpdir(), 'sqltrail-network-'));
  lines = join(folder, 'lines.txt');
  writeFileSync(lines, Array.from({ length: 5_000 }, (_, i) => `line ${i} SELECT \x03 \x16 text`).join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function eventsOf(capture: string, store = 'none'): Promise<Row[]> {
  const args = ['run', '--read', capture, '--port', String(server.port), '--store', store, '--format', 'ndjson'];
  const outcome = await runCli([...args, '--dangerously-keep-raw']);
  expect(outcome.code, outcome.stderr).toBe(0);
  return parseLines(outcome.stdout);
}

function runScenario(client: string, target: ClientTarget): Promise<void> {
  return SCENARIOS.find((scenario) => scenario.client === client)!.run(target as MariaDb, lines);
}

describe('on a network that reorders, duplicates and loses packets', () => {
  let network: LossyNetwork;

  beforeAll(async () => {
    network = await LossyNetwork.start('trail');
    server = await MariaDb.start({ host: network.serverAddress, serverArgs: SHOP_ARGS });
    await createShop(server);
  });
  afterAll(async () => {
    await server?.stop();
    network?.remove();
  });
  beforeEach(() => server.clearGeneralLog());

  test.each(CLIENTS)('nothing of %s is missing', async (client) => {
    const capture = join(folder, 'disturbed.pcap');
    const target = { host: server.host, port: server.port, wrapper: network.client };
    await captureToFile(capture, server.port, () => runScenario(client, target), {
      interfaceName: network.tapInterface,
      wrapper: network.tap,
    });
    const encoding = SCENARIOS.find((scenario) => scenario.client === client)?.encoding;
    const events = await eventsOf(capture);
    const { logged, mismatches } = compareWithLog('MariaDB', await server.generalLog(), events, encoding);
    console.log(`${client}: ${logged} rows of the log, ${mismatches.length} mismatches`);
    expect(mismatches).toEqual([]);
    expect(logged).toBeGreaterThan(100);
  });
});

describe('where packets were lost before the capture', () => {
  beforeAll(async () => {
    server = await MariaDb.start({ serverArgs: SHOP_ARGS });
    await createShop(server);
    await logInOnce(server);
    await prepareSysbench(server);
  });
  afterAll(() => server?.stop());

  const workloads: [string, () => Promise<void>][] = [
    ...CLIENTS.map((client): [string, () => Promise<void>] => [client, () => runScenario(client, server)]),
    ['sysbench, text', () => sysbench('disable')],
    ['sysbench, prepared', () => sysbench('auto')],
  ];

  test.each(workloads)('of %s every statement is right or marked, and what is missing is told', async (title, run) => {
    const capture = join(folder, 'clean.pcap');
    await captureToFile(capture, server.port, run);
    const clean = await eventsOf(capture);
    expect(clean.length).toBeGreaterThan(100);
    const whole = readFileSync(capture);
    for (const seed of SEEDS) {
      const dropped = dropPackets(whole, server.port, SHARE_DROPPED, seed);
      const damaged = join(folder, `damaged-${seed}.pcap`);
      const store = mkdtempSync(join(folder, 'store-'));
      writeFileSync(damaged, dropped.capture);
      const { wrong, ...counts } = compareWithClean(clean, await eventsOf(damaged, store), dropped);
      console.log(`${title}, seed ${seed}: ${dropped.packets} packets dropped, ${JSON.stringify(counts)}`);
      expect.soft(wrong, `seed ${seed}`).toEqual([]);
      expect.soft(gapsOf(store), `seed ${seed}`).toEqual(Object.fromEntries([...dropped.missing].sort()));
    }
  });
});

function sysbench(preparedStatements: 'auto' | 'disable'): Promise<void> {
  return runSysbench(server, {
    script: 'oltp_read_write',
    preparedStatements,
    events: 250,
    threads: 4,
    eventsPerSecond: 125,
  });
}

/** Bytes that the audit trail says it lacks, by `client port >` (of the client) or `client port <`. */
function gapsOf(store: string): Record<string, number> {
  const sql = "SELECT client_port, from_client, sum(bytes) AS missing FROM losses WHERE reason = 'gap' GROUP BY 1, 2";
  const gaps = queryRows(store, sql).map((row): [string, number] => [
    `${row['client_port']} ${row['from_client'] ? '>' : '<'}`,
    Number(row['missing']),
  ]);
  return Object.fromEntries(gaps.sort());
}
