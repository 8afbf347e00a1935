import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../../cli/config/config-schema.ts';
import { runDoctor } from '../../../cli/doctor/run-doctor.ts';
import { cleanName } from '../../../schemas/clean-name.ts';
import { hasChdb } from '../../processors/store/chdb.ts';
import { type FakeBehaviour, type FakeSession, startFakeMysql } from '../../processors/watch/fake-mysql.ts';
import { buildPcap } from '../../support/capture-builder.ts';
import { queryRows, startCli } from '../../support/cli.ts';
import { packet, query } from '../../support/conversation.ts';
import { frame } from '../../support/segment-builder.ts';

const OLD = 20;
const STATEMENTS = 4_000;
const US_PER_S = 1_000_000;
const PCAP_HEADER_BYTES = 24;
const OK = packet(1, '00 00 00 0200 0000');
/** What a store has of readings of the server, and whose connections it knows. */
const KEPT = `
  SELECT toUInt32(sum(taken_in)) AS tried, toUInt32(sum(passed_on)) AS answered, mapKeys(sumMap(lost)) AS reasons,
    (SELECT arraySort(groupUniqArray((client_port, user_name))) FROM audit) AS users
  FROM ledger_entries WHERE stage = 'watch'`;
const directory = mkdtempSync(join(tmpdir(), 'sqltrail-faulty-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Statements of connections that are older than the capture, from `first` on. */
function capture(first: number, fromUs: number): Buffer {
  const packets = Array.from({ length: 2 * STATEMENTS }, (_, i) => {
    const n = first + (i >> 1);
    const turn = Math.floor(n / OLD);
    const request = query(`SELECT ${String(n).padStart(8, '0')}`);
    const seqs = { client: 1 + turn * request.length, server: 1 + turn * OK.length };
    const isRequest = i % 2 === 0;
    return {
      bytes: frame({
        clientAddress: '10.0.0.7',
        clientPort: 40_000 + (n % OLD),
        fromClient: isRequest,
        seq: isRequest ? seqs.client : seqs.server,
        ack: isRequest ? seqs.server : seqs.client + request.length,
        data: isRequest ? request : OK,
      }),
      time: BigInt(fromUs + i * 50),
    };
  });
  return buildPcap(packets);
}

function sessions(nameOf: (i: number) => string): FakeSession[] {
  return Array.from({ length: OLD }, (_, i) => [100 + i, nameOf(i), `10.0.0.7:${40_000 + i}`, 'shop', 90]);
}

const plain = (i: number) => `user${i}`;
const GARBAGE = ['a\u001b[31mb\u202e', `o'brien"\\`, '😀𝕏', '\u0000\u0001\n', 'ä'.repeat(300)];
const garbage = (i: number) => `${i}${GARBAGE[i % GARBAGE.length]}`;
const crowd = Array.from(
  { length: 10_000 },
  (_, i): FakeSession => [1_000 + i, `u${i % 9}`, `10.1.${i >> 8}.${i & 255}:${30_000 + (i % 20_000)}`, null, 1],
);

interface Case {
  readonly behaviour: Partial<FakeBehaviour>;
  readonly isDown?: boolean;
  /** Null: it answers. */
  readonly fault: { readonly said: string; readonly reason: string } | null;
  readonly nameOf?: (i: number) => string;
}

const CASES: readonly (readonly [name: string, given: Case])[] = [
  ['is well', { behaviour: { sessions: sessions(plain) }, fault: null, nameOf: plain }],
  ['is down', { behaviour: {}, isDown: true, fault: { said: 'cannot be reached', reason: 'mysql_unreachable' } }],
  [
    'takes 30 s for an answer',
    { behaviour: { delayMs: 30_000 }, fault: { said: 'does not answer in time', reason: 'mysql_slow' } },
  ],
  [
    'refuses the login',
    { behaviour: { refusesLogin: true }, fault: { said: 'refuses the login', reason: 'mysql_refused' } },
  ],
  ['has 10,000 sessions', { behaviour: { sessions: [...crowd, ...sessions(plain)] }, fault: null, nameOf: plain }],
  [
    'has users with garbage for names',
    { behaviour: { sessions: sessions(garbage) }, fault: null, nameOf: (i) => cleanName(garbage(i)) },
  ],
];

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

/** A run that watches one server while it reads a capture from its standard input. */
async function startRun(
  name: string,
  { behaviour, isDown }: Pick<Case, 'behaviour' | 'isDown'>,
  queryTimeoutS: number,
) {
  const fake = await startFakeMysql(behaviour);
  const store = join(directory, name.replaceAll(/\W/g, '-'));
  const server = { id: 'db7', host: '127.0.0.1', port: isDown ? 1 : fake.port, user: 'sqltrail' };
  const servers = [{ ...server, addresses: ['10.0.0.2:3306'] }];
  const watch = { interval_s: 1, query_timeout_s: queryTimeoutS, servers };
  writeFileSync(`${store}.json`, JSON.stringify({ watch }));
  const args = ['run', '--read', '-', '--store', store, '--format', 'ndjson', '--config', `${store}.json`];
  const cli = startCli(args, { stdin: 'pipe' });
  const printed = { rows: 0 };
  cli.process.stdout!.on('data', (text: string) => {
    printed.rows += text.split('\n').length - 1;
  });
  return { fake, store, watch, cli, printed, stdin: cli.process.stdin! };
}

describe.skipIf(!hasChdb)('a run beside a server that', () => {
  it.each(CASES)('%s: has all rows, and tells what is wrong', async (name, given) => {
    const { fake, store, watch, cli, printed, stdin } = await startRun(name, given, 2);
    const nowUs = Date.now() * 1000;
    stdin.write(capture(0, nowUs - 60 * US_PER_S));
    if (given.fault !== null) await cli.said(given.fault.said);
    else await until(() => fake.queries.filter((sql) => /PROCESSLIST/i.test(sql)).length > 1);
    stdin.end(capture(STATEMENTS, nowUs + 60 * US_PER_S).subarray(PCAP_HEADER_BYTES));
    const { code, stderr } = await cli.outcome;
    expect([code, printed.rows]).toEqual([0, 2 * STATEMENTS]);
    expect(stderr).not.toContain('secret');

    const [kept] = queryRows(store, KEPT);
    const nameOf = given.nameOf ?? (() => '');
    expect(kept?.['users']).toEqual(Array.from({ length: OLD }, (_, i) => [40_000 + i, nameOf(i)]));
    if (given.fault === null) expect(kept).toMatchObject({ tried: kept?.['answered'], reasons: [] });
    else expect(kept).toMatchObject({ answered: 0, reasons: [given.fault.reason] });

    const found = (await runDoctor(configSchema.parse({ watch }), {})).find(({ what }) => what === 'mysql db7');
    expect(found).toMatchObject(
      given.fault === null ? { state: 'ok' } : { state: 'bad', sentence: expect.stringContaining(given.fault.said) },
    );
    rmSync(store, { recursive: true, force: true });
    await fake.close();
  });

  it('has not answered yet: gives its rows meanwhile, and ends without its answer', async () => {
    const { fake, cli, printed, stdin } = await startRun('silent', { behaviour: { delayMs: 600_000 } }, 600);
    stdin.write(capture(0, Date.now() * 1000));
    await until(() => printed.rows > STATEMENTS / 4 && fake.queries.length > 0);
    stdin.end();
    expect((await cli.outcome).code).toBe(0);
    expect([printed.rows, fake.answered]).toEqual([STATEMENTS, 0]);
    await fake.close();
  });
});
