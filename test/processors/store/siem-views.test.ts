import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FindingTotals } from '../../../processors/findings/finding-totals.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import type { StoreTarget } from '../../../processors/store/store-target.ts';
import { madeRule, madeVerdict } from '../findings/made-verdicts.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';
import { auditEvent, START_US, statementOf } from './events.ts';

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

const STATEMENT = statementOf('SELECT a FROM users WHERE id = ? OR ? = ?', ['users']);

describe.skipIf(!hasChdb)('findings and the trail for other systems', () => {
  let id = '';
  beforeAll(async () => {
    const totals = new FindingTotals(() => 't/0/0');
    const rule = madeRule('sqli.tautology', 'high', {
      tags: ['attack.initial_access', 'attack.t1190', 'attack.t1505.003'],
    });
    const verdict = madeVerdict(rule, madeRule('sqli.tool_signature', 'medium', { status: 'test' }));
    const event = auditEvent(1, 1, {
      statement: STATEMENT,
      clientProgram: 'php',
      status: 'error',
      errorCode: 1064,
      errorMessageMasked: 'You have an error in your SQL syntax',
      durationUs: 12_345,
      responseBytes: 77,
      ruleIds: verdict.ruleIds,
      riskLevel: 'high',
    });
    totals.add(event, verdict);
    const store = await AuditStore.open(target);
    store.add(event);
    store.add(auditEvent(1, 0, { command: 'connect', statement: null }));
    for (const part of totals.takeChanges(1).parts.values()) {
      id = part.finding_id;
      store.addFinding(part);
    }
    await store.close();
  }, 60_000);

  it('are Detection Findings of OCSF, field by field', async () => {
    const attacks = [
      { version: '16.1', technique: { uid: 'T1190', name: null }, sub_technique: { uid: null } },
      { version: '16.1', technique: { uid: 'T1505', name: null }, sub_technique: { uid: 'T1505.003' } },
    ];
    const analytic = (uid: string) => ({ type_id: 1, type: 'Rule', uid, name: `Title of ${uid}` });
    const seen = (START_US + 1000) / 1000;
    expect(await read('SELECT * FROM ocsf_detection_findings')).toEqual([
      {
        category_uid: 2,
        category_name: 'Findings',
        class_uid: 2004,
        class_name: 'Detection Finding',
        activity_id: 1,
        activity_name: 'Create',
        type_uid: 200401,
        type_name: 'Detection Finding: Create',
        severity_id: 4,
        severity: 'High',
        status_id: 1,
        status: 'New',
        status_detail: '',
        time: seen,
        start_time: seen,
        end_time: seen,
        count: 1,
        message: 'Title of sqli.tautology',
        is_alert: 1,
        risk_score: 62,
        confidence_id: 3,
        confidence: 'High',
        confidence_score: 100,
        action_id: 3,
        action: 'Observed',
        disposition_id: 15,
        disposition: 'Detected',
        metadata: {
          version: '1.4.0',
          product: { name: 'sqltrail', vendor_name: 'sqltrail' },
          profiles: ['security_control'],
          uid: id,
        },
        attacks,
        finding_info: {
          uid: id,
          title: 'Title of sqli.tautology',
          desc: 'Title of sqli.tautology; Title of sqli.tool_signature',
          types: ['sqli'],
          first_seen_time: seen,
          last_seen_time: seen,
          analytic: analytic('sqli.tautology'),
          related_analytics: [analytic('sqli.tool_signature')],
          attacks,
        },
        evidences: [
          {
            src_endpoint: { ip: '10.0.1.1' },
            dst_endpoint: { name: '10.0.0.1:3306' },
            actor: { user: { name: 'app' }, app_name: 'php' },
            database: { name: 'shop', type: 'MySQL' },
            data: {
              query: STATEMENT.masked,
              query_digest: STATEMENT.digest,
              error_code: 1064,
              error_message: 'You have an error in your SQL syntax',
              returned_rows: 0,
            },
            uid: expect.stringMatching(/^01010101-/),
          },
        ],
        observables: [
          { name: 'evidences.src_endpoint.ip', type_id: 2, value: '10.0.1.1', type: 'IP Address' },
          { name: 'evidences.actor.user.name', type_id: 4, value: 'app', type: 'User Name' },
        ],
      },
    ]);
  });

  it('are closed there where somebody decided', async () => {
    const client = await ClickhouseClient.open(target, 'write');
    await client.command(
      `INSERT INTO finding_triage (finding_id, status, decided_by, reason) SELECT '${id}', 'false_positive', 'ann', 'A test'`,
    );
    await client.close();
    expect(
      await read(
        'SELECT activity_id, activity_name, type_uid, status_id, status, status_detail, is_alert FROM ocsf_detection_findings',
      ),
    ).toEqual([
      {
        activity_id: 3,
        activity_name: 'Close',
        type_uid: 200403,
        status_id: 3,
        status: 'Suppressed',
        status_detail: 'A test',
        is_alert: 0,
      },
    ]);
  });

  it('are Datastore Activity of OCSF, command by command', async () => {
    const rows = await read('SELECT * FROM ocsf_datastore_activity ORDER BY time');
    expect(rows.map((row) => [row['activity_id'], row['activity_name'], row['type_uid'], row['status_id']])).toEqual([
      [3, 'Connect', 600503, 1],
      [4, 'Query', 600504, 2],
    ]);
    expect(rows[1]).toMatchObject({
      category_uid: 6,
      category_name: 'Application Activity',
      class_uid: 6005,
      class_name: 'Datastore Activity',
      type_name: 'Datastore Activity: Query',
      severity_id: 4,
      severity: 'High',
      status: 'Failure',
      status_code: '1064',
      status_detail: 'You have an error in your SQL syntax',
      time: (START_US + 1000) / 1000,
      duration: 12,
      type_id: 1,
      type: 'Database',
      metadata: { version: '1.4.0', product: { name: 'sqltrail', vendor_name: 'sqltrail' } },
      actor: { user: { name: 'app' }, session: { uid: '01'.repeat(16) }, app_name: 'php' },
      src_endpoint: { ip: '10.0.1.1', port: 40_001 },
      dst_endpoint: { ip: '10.0.0.1', port: 3306, name: '10.0.0.1:3306' },
      database: { name: 'shop', type: 'MySQL' },
      table: { name: 'users' },
      query_info: { query_string: STATEMENT.masked, uid: STATEMENT.digest, bytes: 77 },
      unmapped: { rule_ids: ['sqli.tautology', 'sqli.tool_signature'], tables: ['users'] },
    });
  });

  it('are alerts of the Elastic Common Schema', async () => {
    const time = '2026-01-01T00:00:00.001000Z';
    expect(await read('SELECT * FROM ecs_findings')).toEqual([
      {
        '@timestamp': time,
        message: 'Title of sqli.tautology',
        ecs: { version: '8.11.0' },
        event: {
          kind: 'alert',
          category: ['database', 'intrusion_detection'],
          type: ['denied'],
          outcome: 'failure',
          severity: 80,
          risk_score: 62,
          id,
          start: time,
          end: time,
          module: 'sqltrail',
          dataset: 'sqltrail.findings',
          reason: 'A test',
        },
        rule: { id: 'sqli.tautology', name: 'Title of sqli.tautology', category: 'sqli', ruleset: 'sqltrail' },
        threat: {
          framework: 'MITRE ATT&CK',
          tactic: { name: ['initial access'] },
          technique: { id: ['T1190', 'T1505'], subtechnique: { id: ['T1505.003'] } },
        },
        source: { ip: '10.0.1.1', address: '10.0.1.1' },
        destination: { address: '10.0.0.1:3306' },
        user: { name: 'app' },
        error: { code: '1064', message: 'You have an error in your SQL syntax' },
        sqltrail: {
          mysql: {
            database: 'shop',
            client_program: 'php',
            tables: ['users'],
            statements: [STATEMENT.masked],
            digests: [STATEMENT.digest],
            rules: ['sqli.tautology', 'sqli.tool_signature'],
            events: 1,
            returned_rows: 0,
            affected_rows: 0,
            status: 'false_positive',
          },
        },
      },
    ]);
  });
});
