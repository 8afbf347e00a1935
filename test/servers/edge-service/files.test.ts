import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRow } from '../../../schemas/audit-schema.ts';
import { parseLines, runCli } from '../../support/cli.ts';
import { type NumberedStatement, writeNumberedWorkload } from '../../support/numbered-workload.ts';
import { EdgeRig, isBalanced, smallDisk, totalsOf, until } from './edge-rig.ts';

const STATEMENTS = 40_000;

let rig: EdgeRig;
let capture: string;
let truth: NumberedStatement[];

beforeEach(async () => {
  rig = await EdgeRig.start();
  capture = join(rig.folder, 'workload.pcap');
  truth = await writeNumberedWorkload(capture, STATEMENTS, 20);
});
afterEach(() => rig?.stop());

/** The numbers of the statements that the trail holds, each event once, in order. */
async function numbers(): Promise<number[]> {
  return unique(await rig.events())
    .filter((row) => row.command === 'query' || row.command === 'execute')
    .map((row) => Number(row.affected_rows))
    .sort((a, b) => a - b);
}

/** Files that are read again give the same events again, with the same ids: the store keeps one. */
function unique(events: readonly AuditRow[]): AuditRow[] {
  return [...new Map(events.map((event) => [event.event_id, event])).values()];
}

const allNumbers = () => truth.map((statement) => statement.number);

async function feed(input: Writable, bytes: Buffer): Promise<void> {
  if (!input.write(bytes)) await once(input, 'drain');
}

async function expectFullLedger(edgeId: string): Promise<void> {
  const ledger = await rig.ledger(edgeId);
  expect(ledger.filter((line) => !isBalanced(line))).toEqual([]);
  for (const unit of ['packets', 'connections', 'bytes', 'messages']) {
    const { takenIn, passedOn, open } = totalsOf(ledger, unit);
    expect(takenIn, unit).toBeGreaterThan(0);
    expect({ passedOn, open }, unit).toEqual({ passedOn: takenIn, open: 0 });
  }
}

describe('an edge that reads files into Kafka', () => {
  it('gives decode the same events as a run in one process, and no others when the file is read again', async () => {
    const config = rig.config('reader', {});
    for (let i = 0; i < 2; i++) {
      const outcome = await rig.edge(config, '--read', capture).outcome;
      expect(outcome.code, outcome.stderr).toBe(0);
    }
    const run = await runCli([
      'run',
      '--read',
      capture,
      '--store',
      'none',
      '--format',
      'ndjson',
      '--dangerously-keep-raw',
    ]);
    const expected = new Map(parseLines(run.stdout).map((row) => [row['event_id'], row]));
    const events = await rig.events();
    for (const event of events) expect(event).toEqual(expected.get(event.event_id));
    expect(unique(events)).toHaveLength(expected.size);
    await expectFullLedger('reader');
  });

  it('puts on disk what a stopped broker does not take, and drains it when it is back', async () => {
    const config = rig.config('outage', { spool: { directory: rig.spool } });
    const bytes = readFileSync(capture);
    const { process: child, outcome } = rig.edge(config, '--read', '-');
    await feed(child.stdin!, bytes.subarray(0, bytes.length / 3));
    await rig.kafka.down();
    await feed(child.stdin!, bytes.subarray(bytes.length / 3));
    child.stdin!.end();
    await until('the spool holds something', () => rig.spooledBytes() > 0);
    await rig.kafka.up();
    const { code, stderr } = await outcome;
    expect(code, stderr).toBe(0);
    expect(await numbers()).toEqual(allNumbers());
    expect(rig.spooledBytes()).toBe(0);
    await expectFullLedger('outage');
  });

  it('sends what a killed process left on disk, and the rest when the file is read again', async () => {
    const config = rig.config('killed', { spool: { directory: rig.spool } });
    const bytes = readFileSync(capture);
    const first = rig.edge(config, '--read', '-');
    await feed(first.process.stdin!, bytes.subarray(0, bytes.length / 3));
    await rig.kafka.down();
    await feed(first.process.stdin!, bytes.subarray(bytes.length / 3, bytes.length - 1_000));
    await until('the spool holds something', () => rig.spooledBytes() > 0);
    first.process.kill('SIGKILL');
    await first.outcome;
    await rig.kafka.up();
    const { code, stderr } = await rig.edge(config, '--read', capture).outcome;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('The spool holds');
    expect(await numbers()).toEqual(allNumbers());
    expect(rig.spooledBytes()).toBe(0);
    await expectFullLedger('killed');
  });

  it('waits where the disk of the spool is full, and loses nothing', async () => {
    const unmount = smallDisk(rig.spool, 512 * 1024);
    try {
      const config = rig.config('full', { spool: { directory: rig.spool } });
      const { process: child, outcome } = rig.edge(config, '--read', '-');
      const bytes = readFileSync(capture);
      await feed(child.stdin!, bytes.subarray(0, bytes.length / 3));
      await rig.kafka.down();
      await feed(child.stdin!, bytes.subarray(bytes.length / 3));
      child.stdin!.end();
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      await rig.kafka.up();
      const { code, stderr } = await outcome;
      expect(code, stderr).toBe(0);
      expect(await numbers()).toEqual(allNumbers());
      await expectFullLedger('full');
    } finally {
      unmount();
    }
  });

  it('says what is wrong where there is no topic', async () => {
    const bare = await EdgeRig.start({ hasTopics: false });
    const missing = await bare.edge(bare.config('lonely', {}), '--read', capture).outcome;
    await bare.stop();
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('mysql.messages.v1');
  });
});
