import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCli } from '../../support/cli.ts';
import { MariaDb } from '../../support/mariadb.ts';
import { ensureInstalled } from '../../support/packages.ts';
import { prepareSysbench, runSysbench } from '../../support/sysbench.ts';
import { EdgeRig, isBalanced, smallDisk, totalsOf, until } from './edge-rig.ts';

const DOWN_MS = 6_000;
const MEMORY_CEILING_MIB = 300;

let server: MariaDb;
let rig: EdgeRig;

beforeAll(async () => {
  ensureInstalled('mariadbd', 'sysbench', 'tcpdump');
  server = await MariaDb.start();
  await prepareSysbench(server);
  await server.sql("CREATE USER asker IDENTIFIED BY 'asker'");
  rig = await EdgeRig.start();
});
afterAll(async () => {
  await server?.stop();
  await rig?.stop();
});

/** One connection that asks for one number after another, over TCP. */
class Asker {
  asked = 0;
  private isOver = false;
  private readonly running: Promise<void>;

  constructor() {
    this.running = this.ask();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async ask(): Promise<void> {
    const connection = await createConnection({
      host: server.host,
      port: server.port,
      user: 'asker',
      password: 'asker',
    });
    while (!this.isOver) {
      await connection.query(`SELECT ${this.asked++}`);
      await sleep(5);
    }
    await connection.end();
  }
}

function peakMiB(edge: RunningCli): number {
  const status = readFileSync(`/proc/${edge.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1024;
}

async function start(config: string): Promise<RunningCli> {
  const edge = rig.edge(config, '-i', 'lo', '--port', String(server.port));
  await edge.said('capturing on lo');
  return edge;
}

async function stop(edge: RunningCli): Promise<void> {
  edge.process.kill('SIGTERM');
  const { code, stderr } = await edge.outcome;
  expect(code, stderr).toBe(0);
}

describe('an edge that captures live', () => {
  it('says in the ledger for how long it was killed, and goes on with the connections it finds', async () => {
    const config = rig.config('killed-live', { spool: { directory: join(rig.folder, 'killed-live') } });
    const asker = new Asker();
    const first = await start(config);
    await sleep(4_000);
    const lastBefore = asker.asked;
    first.process.kill('SIGKILL');
    await sleep(DOWN_MS);
    const second = await start(config);
    const firstAfter = asker.asked;
    await sleep(4_000);
    const lastAfter = asker.asked;
    await sleep(2_000);
    await stop(second);
    await asker.stop();

    const ledger = await rig.ledger('killed-live');
    expect(ledger.filter((line) => !isBalanced(line))).toEqual([]);
    const seconds = totalsOf(ledger, 'seconds');
    expect(seconds.lost['capture_not_running']).toBeGreaterThanOrEqual(DOWN_MS / 1_000);
    expect(seconds.lost['capture_not_running']).toBeLessThan(DOWN_MS / 1_000 + 12);
    expect(seconds.passedOn).toBeGreaterThanOrEqual(5);
    for (const unit of ['packets', 'bytes', 'messages', 'connections', 'seconds'])
      expect(totalsOf(ledger, unit).open, unit).toBe(0);
    expect(new Set(ledger.map((line) => line.origin)).size).toBe(2);

    const events = (await rig.events()).filter((row) => row.statement_masked === 'SELECT ?');
    const asked = events.map((row) => Number(/\d+/.exec(String(row.statement_raw))![0]));
    expect(new Set(asked).size).toBe(asked.length);
    // What was asked in the last two seconds before the kill may have been on its way.
    expect(asked.some((number) => number > lastBefore / 4 && number < lastBefore)).toBe(true);
    for (let number = firstAfter + 1; number < lastAfter; number++) expect(asked).toContain(number);
    expect(events.some((row) => row.completeness === 'midstream')).toBe(true);
  });

  it('counts what a full disk cannot take while Kafka is away, and stays below its ceiling of memory', async () => {
    const directory = join(rig.folder, 'small');
    const unmount = smallDisk(directory, 1024 * 1024);
    try {
      const edge = await start(rig.config('overflow', { spool: { directory } }));
      await sleep(1_000);
      await rig.kafka.down();
      const load = {
        script: 'oltp_point_select',
        preparedStatements: 'disable',
        events: 80_000,
        threads: 4,
        eventsPerSecond: 8_000,
      } as const;
      await runSysbench(server, load);
      expect(rig.spooledBytes(directory)).toBeGreaterThan(500_000);
      const peak = peakMiB(edge);
      await rig.kafka.up();
      await until('the spool is empty', () => rig.spooledBytes(directory) === 0);
      await stop(edge);
      expect(peak).toBeLessThan(MEMORY_CEILING_MIB);
    } finally {
      unmount();
    }
    const ledger = await rig.ledger('overflow');
    expect(ledger.filter((line) => !isBalanced(line))).toEqual([]);
    const messages = totalsOf(ledger, 'messages');
    expect(messages.open).toBe(0);
    expect(messages.lost['spool_overflow']).toBeGreaterThan(0);
    expect(messages.passedOn).toBeGreaterThan(0);
    expect(messages.takenIn).toBeGreaterThanOrEqual(2 * 80_000);
  });

  it('sheds whole connections where it takes more CPU than it may, and accounts for them', async () => {
    const limits = { cpu_cores: 0.05 };
    const edge = await start(rig.config('shedding', { spool: { directory: join(rig.folder, 'shedding') }, limits }));
    const load = {
      script: 'oltp_point_select',
      preparedStatements: 'disable',
      events: 60_000,
      threads: 8,
      eventsPerSecond: 4_000,
    } as const;
    await runSysbench(server, load);
    await sleep(2_000);
    await stop(edge);
    const ledger = await rig.ledger('shedding');
    expect(ledger.filter((line) => !isBalanced(line))).toEqual([]);
    for (const unit of ['packets', 'connections', 'bytes'])
      expect(totalsOf(ledger, unit).lost['shed'], unit).toBeGreaterThan(0);
    const { takenIn, passedOn } = totalsOf(ledger, 'messages');
    expect(passedOn).toBe(takenIn);
    expect(takenIn).toBeLessThan(2 * 60_000);
  });

  it('keeps all of an outage on disk where there is room, and leaves it there when it is stopped meanwhile', async () => {
    const directory = join(rig.folder, 'roomy');
    const config = rig.config('roomy', { spool: { directory } });
    const edge = await start(config);
    await sleep(1_000);
    await rig.kafka.down();
    const load = {
      script: 'oltp_point_select',
      preparedStatements: 'auto',
      events: 20_000,
      threads: 4,
      eventsPerSecond: 4_000,
    } as const;
    await runSysbench(server, load);
    await sleep(1_500);
    await stop(edge);
    expect(rig.spooledBytes(directory)).toBeGreaterThan(500_000);
    const again = await start(config);
    await rig.kafka.up();
    await until('the spool is empty', () => rig.spooledBytes(directory) === 0);
    await sleep(1_500);
    await stop(again);
    const ledger = await rig.ledger('roomy');
    expect(ledger.filter((line) => !isBalanced(line))).toEqual([]);
    const { takenIn, passedOn } = totalsOf(ledger, 'messages');
    expect(passedOn).toBe(takenIn);
    expect(takenIn).toBeGreaterThanOrEqual(2 * 20_000);
  });
});
