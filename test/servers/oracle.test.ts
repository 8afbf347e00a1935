import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseLines, runCli } from '../support/cli.ts';
import type { LoggedCommand } from '../support/general-log.ts';
import { MariaDb } from '../support/mariadb.ts';
import { MySql9 } from '../support/mysql9.ts';
import { captureToFile } from '../support/oracle/capture-file.ts';
import { compareWithLog } from '../support/oracle/compare-log.ts';
import type { LoggedServer } from '../support/oracle/logged-server.ts';
import { SCENARIOS } from '../support/oracle/scenarios.ts';
import { createShop, logInOnce, SHOP_ARGS } from '../support/oracle/shop.ts';
import { ensureInstalled } from '../support/packages.ts';
import { prepareSysbench, runSysbench } from '../support/sysbench.ts';

const LINES = Array.from({ length: 5_000 }, (_, i) => `line ${i} SELECT \x03 \x16 text`).join('\n');

const totals: string[] = [];
afterAll(() => console.log(totals.join('\n')));

/** A live run is not repeated exactly: what it recorded is kept where it did not compare equal. */
function keepEvidence(title: string, capture: string, log: readonly LoggedCommand[]): void {
  const stem = join(tmpdir(), `sqltrail-failed-${title.replaceAll(/[^A-Za-z0-9]+/g, '-')}`);
  copyFileSync(capture, `${stem}.pcap`);
  writeFileSync(`${stem}.json`, JSON.stringify(log));
}

describe.each([
  ['MariaDB', () => MariaDb.start({ serverArgs: SHOP_ARGS })],
  ['MySQL', () => MySql9.start({ serverArgs: SHOP_ARGS })],
] as const)('what %s logged is what was seen on the network, word for word and both ways', (name, start) => {
  let server: LoggedServer;
  let folder: string;
  let lines: string;

  beforeAll(async () => {
    ensureInstalled('sysbench', 'tcpdump');
    folder = mkdtempSync(join(tmpdir(), 'sqltrail-oracle-'));
    lines = join(folder, 'lines.txt');
    writeFileSync(lines, LINES);
    server = await start();
    await createShop(server);
    await prepareSysbench(server);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await logInOnce(server);
    await server.clearGeneralLog();
  });

  /** What the product makes of a capture of the work, held against the log. */
  async function expectSame(client: string, work: () => Promise<void>, atLeast: number, encoding?: string) {
    const capture = join(folder, 'capture.pcap');
    await captureToFile(capture, server.port, work);
    const log = await server.generalLog();
    const args = ['run', '--read', capture, '--port', String(server.port), '--store', 'none', '--format', 'ndjson'];
    const outcome = await runCli([...args, '--dangerously-keep-raw']);
    expect(outcome.code, outcome.stderr).toBe(0);
    const { logged, seen, mismatches } = compareWithLog(name, log, parseLines(outcome.stdout), encoding);
    totals.push(
      `${name} × ${client}: ${logged} rows of the log, ${seen} of the trail, ${mismatches.length} mismatches`,
    );
    if (mismatches.length > 0) keepEvidence(`${name}-${client}`, capture, log);
    expect(mismatches).toEqual([]);
    expect(logged).toBeGreaterThanOrEqual(atLeast);
  }

  const scenarios = SCENARIOS.filter((scenario) => scenario.servers?.includes(name) ?? true);
  test.each(scenarios)('$client', ({ client, run, encoding, atLeast }) =>
    expectSame(client, () => run(server, lines), atLeast, encoding),
  );

  test.each(['disable', 'auto'] as const)('sysbench, prepared statements: %s', (preparedStatements) => {
    const script = 'oltp_read_write';
    const workload = { script, preparedStatements, events: 250, threads: 4, eventsPerSecond: 125 } as const;
    return expectSame(`sysbench, ${preparedStatements}`, () => runSysbench(server, workload), 4_000);
  });
});
