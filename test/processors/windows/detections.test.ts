import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRule } from '../../../processors/detect/read-rule.ts';
import type { Rule } from '../../../processors/detect/rule.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import type { StoreTarget } from '../../../processors/store/store-target.ts';
import { readDetections } from '../../../processors/windows/detection-query.ts';
import { DetectionScheduler } from '../../../processors/windows/detection-scheduler.ts';
import { madeRule } from '../findings/made-verdicts.ts';
import { hasChdb, temporaryDirectory } from '../store/chdb.ts';
import { DAY_START_US, DAY_US, MadeDay, oddities, ordinaryDay } from './made-day.ts';
import { ATTACKS, clientOf, type Found, one, startOf } from './played-attacks.ts';

const directory = temporaryDirectory();
const target: StoreTarget = { kind: 'embedded', directory: directory.path };
afterAll(() => directory.remove());

/** Days before the one that is looked at on which everybody was at work. */
const HABITS = [16, 15, 14, 13, 11, 10, 8, 6, 4, 2, 1];

async function read(sql: string): Promise<Record<string, unknown>[]> {
  const client = await ClickhouseClient.open(target, 'read');
  try {
    return await client.rows(sql);
  } finally {
    await client.close();
  }
}

const FINDINGS =
  'SELECT area, user_name AS user, client_address AS client, database_name AS db, severity, events, arrayMap(r -> tuple(r.rule_id, r.events), rules) AS rules FROM findings WHERE window_start >= toDateTime(1767225600) ORDER BY client_address, area';

/** Rules on one statement, of which several are worse: here they only give their names. */
const OF_STATEMENTS = new Set(['sqli.boolean_blind', 'impact.drop_truncate', 'recon.server_fingerprint']);

/** Of its file alone. */
function ruleOf(id: string): Rule {
  if (OF_STATEMENTS.has(id)) return madeRule(id, 'high');
  const path = new URL(`../../../rules/${id}.yml`, import.meta.url).pathname;
  return readRule(readFileSync(path, 'utf8'), path).rule;
}

/** Writes events and evaluates what is due. */
async function record(events: MadeDay['events']): Promise<{ windows: number; parts: number; failures: string[] }> {
  const failures: string[] = [];
  const store = await AuditStore.open(target);
  for (const event of events) {
    store.add(event);
    await store.ready();
  }
  await store.flush();
  const scheduler = new DetectionScheduler({
    client: store.queries!,
    detections: readDetections(),
    rule: ruleOf,
    publish: async (parts) => {
      for (const part of parts) store.addFinding(part);
      await store.flush();
    },
    onFailure: (name, error) =>
      failures.push(`${name}: ${error instanceof Error ? `${error.message} ${(error.cause as Error)?.message}` : ''}`),
    horizonS: null,
  });
  const turn = await scheduler.turn({ isLast: true });
  await store.close();
  return { ...turn, failures };
}

describe.skipIf(!hasChdb)('scheduled detections', () => {
  let findings: Found[] = [];
  const day = new MadeDay();

  beforeAll(async () => {
    for (const before of HABITS) ordinaryDay(day, DAY_START_US - before * DAY_US, 1);
    ordinaryDay(day, DAY_START_US, 12);
    oddities(day, DAY_START_US);
    for (const [i, attack] of ATTACKS.entries()) attack.play(day, startOf(i));
    const { failures } = await record(day.events);
    expect(failures).toEqual([]);
    findings = (await read(FINDINGS)) as unknown as Found[];
  }, 300_000);

  it.each(ATTACKS.map((attack, i) => [attack.rule, i] as const))('find %s', (rule, i) => {
    if (rule === 'access.unusual_hour') {
      expect(findings.filter(({ client }) => client === '10.0.2.7')).toEqual([
        { ...one('access', 'clerk', '', 'low', 1, rule), client: '10.0.2.7' },
      ]);
      return;
    }
    const { found } = ATTACKS[i]!;
    expect(findings.filter(({ client }) => client === clientOf(i))).toEqual(
      found.map((each) => ({ ...each, client: clientOf(i) })),
    );
  });

  // What the first days hold is new to everybody.
  it('find nothing in two weeks of ordinary work and a busy day with its oddities', () => {
    const clients = new Set([...ATTACKS.keys()].map(clientOf));
    expect(findings.filter(({ client, user }) => !clients.has(client) && user !== 'clerk')).toEqual([]);
  });

  it('are none of those that have no attack here', () => {
    const played = new Set(ATTACKS.map(({ rule }) => rule));
    expect(readDetections().filter(({ rule }) => !played.has(rule))).toEqual([]);
  });
});
