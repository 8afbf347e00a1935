import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { mergedFinding } from '../../../processors/findings/merged-finding.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import type { StoreTarget } from '../../../processors/store/store-target.ts';
import type { Finding, Severity } from '../../../schemas/finding.ts';
import { findingId } from '../../../schemas/finding-record.ts';
import { isoTime } from '../../../schemas/iso-time.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';
import { START_US } from './events.ts';

const directory = temporaryDirectory();
const target: StoreTarget = { kind: 'embedded', directory: directory.path };
afterAll(() => directory.remove());

async function read(sql: string): Promise<Record<string, unknown>[]> {
  const client = await ClickhouseClient.open(target, 'read');
  try {
    return await client.rows(sql);
  } finally {
    await client.close();
  }
}

async function write(parts: readonly Finding[]): Promise<void> {
  const store = await AuditStore.open(target);
  for (const part of parts) store.addFinding(part);
  await store.close();
}

const RULES: readonly (readonly [id: string, severity: Severity, confidence: number])[] = [
  ['sqli.tautology', 'high', 1],
  ['sqli.union_extract', 'critical', 0.8],
  ['sqli.inert_attempt', 'info', 0.6],
  ['sqli.syntax_error_burst', 'medium', 0.8],
];

interface Made {
  readonly client: number;
  readonly origin: number;
  readonly version: number;
  readonly kind: Finding['kind'];
  readonly rules: readonly number[];
  readonly events: number;
  readonly rows: number;
  readonly second: number;
}

function partOf(made: Made): Finding {
  const clientAddress = `10.0.1.${made.client}`;
  const time = isoTime(START_US + made.second * 1_000_000 + made.origin);
  const end = isoTime(START_US + (made.second + made.events) * 1_000_000);
  const rules = made.rules.map((i) => {
    const [rule_id, severity, confidence] = RULES[i]!;
    return {
      rule_id,
      title: `Title of ${rule_id}`,
      severity,
      confidence,
      attack_tags: ['attack.t1190', `attack.t100${i}`],
      events: made.events,
      first_seen: time,
      last_seen: end,
    };
  });
  return {
    finding_id: findingId({
      area: 'sqli',
      serverId: 'db1',
      userName: 'app',
      clientAddress,
      databaseName: 'shop',
      windowMs: START_US / 1000,
    }),
    origin: `${made.kind}/${made.origin}`,
    version: made.version,
    kind: made.kind,
    area: 'sqli',
    rule_id: rules[0]!.rule_id,
    rule_title: rules[0]!.title,
    server_id: 'db1',
    user_name: 'app',
    client_address: clientAddress,
    client_program: made.origin % 2 === 0 ? '' : `program ${made.origin}`,
    database_name: 'shop',
    window_start: isoTime(START_US),
    window_end: isoTime(START_US + 3_600_000_000),
    first_seen: time,
    last_seen: end,
    events: made.events,
    accepted: made.events >> 1,
    errors: made.events - (made.events >> 1),
    returned_rows: made.rows,
    affected_rows: 0,
    severity: rules
      .map((rule) => rule.severity)
      .reduce((a, b) =>
        ['info', 'low', 'medium', 'high', 'critical'].indexOf(a) >
        ['info', 'low', 'medium', 'high', 'critical'].indexOf(b)
          ? a
          : b,
      ),
    score: 0,
    attack_tags: [...new Set(rules.flatMap((rule) => rule.attack_tags))],
    tables: [`t${made.origin}`],
    rules,
    samples: [
      {
        event_time: time,
        event_id: '00000000-0000-0000-0000-00000000000a',
        connection_uid: '0'.repeat(32),
        command: 'query',
        statement_digest: String(made.origin).padStart(32, '0'),
        statement_masked: `SELECT ${made.origin} 'ü'`,
        rule_ids: [rules[0]!.rule_id],
        error_code: 1064,
        error_message_masked: 'You have an error',
        returned_rows: made.rows,
      },
    ],
  };
}

const made = fc.record({
  client: fc.integer({ min: 1, max: 5 }),
  origin: fc.integer({ min: 0, max: 4 }),
  version: fc.integer({ min: 1, max: 9 }),
  kind: fc.constantFrom('statement' as const, 'scheduled' as const),
  rules: fc.uniqueArray(fc.nat(RULES.length - 1), { minLength: 1 }),
  events: fc.integer({ min: 0, max: 2000 }),
  rows: fc.nat(3),
  second: fc.nat(3000),
});

/** As the view prints a merged finding, without what only people add. */
function asRow(finding: Finding): Record<string, unknown> {
  const { origin: _origin, version: _version, kind: _kind, samples: _samples, ...rest } = finding;
  const time = (text: string) => text.slice(0, -1).replace('T', ' ');
  return {
    ...rest,
    window_start: time(finding.window_start),
    window_end: time(finding.window_end),
    first_seen: time(finding.first_seen),
    last_seen: time(finding.last_seen),
    rules: finding.rules.map((rule) => ({
      ...rule,
      attack_tags: [...rule.attack_tags].sort(),
      first_seen: time(rule.first_seen),
      last_seen: time(rule.last_seen),
    })),
  };
}

describe.skipIf(!hasChdb)('findings in the store', () => {
  it('are merged by the view exactly as by those who read the topic', async () => {
    // Two parts of one origin and version are one part, whoever wrote it: only the greatest versions must be unique.
    const parts = fc
      .sample(fc.array(made, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 7 })
      .flat()
      .map((each, i) =>
        partOf({ ...each, version: each.version * 100 + i, rules: each.kind === 'scheduled' ? [3] : each.rules }),
      );
    const newest = new Map<string, Finding>();
    for (const part of parts) {
      const key = `${part.finding_id} ${part.origin}`;
      if ((newest.get(key)?.version ?? 0) < part.version) newest.set(key, part);
    }
    const byId = new Map<string, Finding[]>();
    for (const part of newest.values()) byId.set(part.finding_id, [...(byId.get(part.finding_id) ?? []), part]);
    const expected = [...byId.values()].flatMap((each) => mergedFinding(each) ?? []).map(asRow);
    for (let time = 0; time < 2; time++) {
      await write(parts);
      const rows = await read(
        "SELECT * EXCEPT (status, decided_by, reason, decided_at, samples, rules), arrayMap(r -> CAST(r, 'Tuple(rule_id String, title String, severity String, confidence Float64, attack_tags Array(String), events UInt64, first_seen String, last_seen String)'), rules) AS rules FROM findings ORDER BY toString(finding_id)",
      );
      const sorted = rows.map((row) => ({
        ...row,
        rules: (row['rules'] as { attack_tags: string[] }[]).map((rule) => ({
          ...rule,
          attack_tags: [...rule.attack_tags].sort(),
        })),
      }));
      expect(sorted).toEqual(expected.sort((a, b) => (String(a['finding_id']) < String(b['finding_id']) ? -1 : 1)));
    }
  }, 60_000);

  it('show what was decided of them last', async () => {
    const part = partOf({
      client: 200,
      origin: 1,
      version: 1,
      kind: 'statement',
      rules: [0],
      events: 3,
      rows: 0,
      second: 0,
    });
    await write([part]);
    const status = `SELECT status, decided_by, reason FROM findings WHERE finding_id = '${part.finding_id}'`;
    expect(await read(status)).toEqual([{ status: 'open', decided_by: '', reason: '' }]);
    const client = await ClickhouseClient.open(target, 'write');
    for (const [i, decided] of ['acknowledged', 'false_positive'].entries())
      await client.command(
        `INSERT INTO finding_triage (finding_id, status, decided_by, reason, decided_at) SELECT '${part.finding_id}', '${decided}', 'ann', 'Reason ${i}', toDateTime64(${1_800_000_000 + i}, 6, 'UTC')`,
      );
    await client.close();
    expect(await read(status)).toEqual([{ status: 'false_positive', decided_by: 'ann', reason: 'Reason 1' }]);
  });

  it('are gone from the view where their only part was taken back', async () => {
    const part = partOf({
      client: 201,
      origin: 1,
      version: 1,
      kind: 'scheduled',
      rules: [3],
      events: 3,
      rows: 0,
      second: 0,
    });
    await write([part]);
    await write([{ ...part, version: 2, events: 0, rules: [], samples: [] }]);
    expect(await read(`SELECT count() AS n FROM findings WHERE finding_id = '${part.finding_id}'`)).toEqual([{ n: 0 }]);
  });
});
