import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryRows, type Row, runCli } from '../../support/cli.ts';
import { packet as answer, query } from '../../support/conversation.ts';
import { okPayload, packet, WireCapture } from '../../support/wire-capture.ts';
import { Fleet } from './fleet.ts';

const CONNECTIONS = 60;
const HOUR_US = 3_600_000_000;
const SECOND_US = 1_000_000;
const INJECTED = [
  (n: number) => `SELECT a FROM items WHERE id = ${n} OR ${n}=${n}-- -`,
  (n: number) => `SELECT a FROM items WHERE id = -${n} UNION ALL SELECT CONCAT(0x7171, user(), 0x${n}${n}),NULL-- -`,
  (n: number) => `SELECT a FROM items WHERE id = ${n} AND (SELECT 1 FROM (SELECT(SLEEP(${n})))x)`,
];
/** What the view says of findings, but for when somebody decided. */
const FINDINGS = `SELECT toString(finding_id) AS id, area, severity, score, user_name, client_address, database_name, events, accepted, errors,
  toString(first_seen) AS first, toString(last_seen) AS last, arrayMap(r -> tuple(r.rule_id, r.events), rules) AS rules,
  arrayMap(s -> s.statement_digest, samples) AS samples FROM findings ORDER BY id`;

let fleet: Fleet;
let capture: string;
let embedded: readonly Row[];

/** Half an hour of ordinary statements and, in its middle, an attack over many connections of one client. */
async function writeAttack(path: string): Promise<void> {
  const wire = new WireCapture(path);
  // A past hour, so that all of it is over, and within the day that services look at.
  const startUs = Math.floor((Date.now() * 1000) / HOUR_US) * HOUR_US - HOUR_US + 10 * 60 * SECOND_US;
  const peers = Array.from({ length: CONNECTIONS }, (_, i) => wire.connect(i, 100 + i, startUs + i * 1000));
  for (let n = 0; n < 6000; n++) {
    const peer = peers[n % CONNECTIONS]!;
    const timeUs = startUs + SECOND_US + n * 200_000;
    const isAttack = n > 2000 && n < 2600;
    const isBroken = isAttack && n % 10 === 0;
    const sql = !isAttack
      ? `SELECT a FROM items WHERE id = ${n}`
      : isBroken
        ? `SELECT a FROM items WHERE id = ${n} ${')'.repeat(n % 7)}'`
        : INJECTED[n % INJECTED.length]!(n);
    wire.client(peer, query(sql), timeUs);
    const refused = answer(1, 'ff 2804 23 3432303030', Buffer.from('You have an error in your SQL syntax'));
    wire.server(peer, isBroken ? refused : packet(okPayload(0), 1), timeUs + 500);
    await wire.ready();
  }
  await wire.end();
}

beforeAll(async () => {
  fleet = await Fleet.start(4);
  capture = join(fleet.folder, 'attack.pcap');
  await writeAttack(capture);
  const store = join(fleet.folder, 'store');
  const { code, stderr } = await runCli(['run', '--read', capture, '--store', store, '--format', 'none']);
  expect(code, stderr).toBe(0);
  embedded = queryRows(store, FINDINGS);
}, 240_000);
afterAll(() => fleet?.stop());

describe('findings of services', () => {
  it('are one of an attack, with what the queries over many events found', () => {
    expect(embedded).toHaveLength(1);
    expect(embedded[0]).toMatchObject({ area: 'sqli', user_name: 'sbtest', errors: 59 });
    const rules = embedded[0]!['rules'] as [string, number][];
    expect(rules.map(([id]) => id)).toEqual(
      expect.arrayContaining(['sqli.tautology', 'sqli.union_extract', 'sqli.time_based', 'sqli.syntax_error_burst']),
    );
  });

  it('are those of one process, over partitions, two stores and processes that are killed', async () => {
    for (const name of ['processor 1', 'processor 2']) fleet.serve(name, 'process');
    for (const name of ['store 1', 'store 2']) fleet.serve(name, 'process', '--stages', 'store');
    const edge = fleet.serve('edge', 'edge', '--read', capture, '--server-id', '10.78.0.1:3306');
    await sleep(4_000);
    fleet.services.get('processor 1')?.kill();
    fleet.services.get('store 1')?.kill();
    await edge.done();
    await fleet.until("SELECT count() FROM audit WHERE command = 'query'", 6000);
    fleet.services.get('store 2')?.kill();
    await fleet.until('SELECT sum(length(rules)) FROM findings', (embedded[0]!['rules'] as unknown[]).length);
    await fleet.until('SELECT max(events) FROM findings', Number(embedded[0]!['events']));
    // What is evaluated again comes to the same.
    await sleep(25_000);
    expect(await fleet.clickhouse.rows(FINDINGS)).toEqual(embedded);
  }, 300_000);
});
