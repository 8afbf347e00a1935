import type { Finding } from '../../../schemas/finding.ts';
import { findingId } from '../../../schemas/finding-record.ts';
import { isoTime } from '../../../schemas/iso-time.ts';

/** 2026-01-01T00:00:00Z, in ms. */
export const START_MS = 1_767_225_600_000;

export interface MadeFinding {
  readonly area?: string;
  readonly ruleId?: string;
  readonly title?: string;
  readonly server?: string;
  readonly user?: string;
  readonly client?: string;
  readonly database?: string;
  readonly windowMs?: number;
  readonly origin?: string;
  readonly version?: number;
  readonly events?: number;
  readonly severity?: Finding['severity'];
  readonly statement?: string;
}

/** A part of a finding as stage `detect` gives it. */
export function madeFinding(made: MadeFinding = {}): Finding {
  const { area = 'sqli', server = 'db1', user = 'app', client = '10.0.0.7', database = 'shop' } = made;
  const { windowMs = START_MS, severity = 'high', events = 1 } = made;
  const { ruleId = `${area}-union`, title = 'Injected UNION', statement = 'SELECT ? UNION SELECT ?' } = made;
  const seen = isoTime((windowMs + 1_000) * 1_000);
  const attackTags = ['attack.initial-access', 'attack.t1190'];
  return {
    finding_id: findingId({
      area,
      serverId: server,
      userName: user,
      clientAddress: client,
      databaseName: database,
      windowMs,
    }),
    origin: made.origin ?? 'mysql.messages.v1/0',
    version: made.version ?? 1,
    kind: 'statement',
    area,
    rule_id: ruleId,
    rule_title: title,
    server_id: server,
    user_name: user,
    client_address: client,
    client_program: 'mysql',
    database_name: database,
    window_start: isoTime(windowMs * 1_000),
    window_end: isoTime((windowMs + 3_600_000) * 1_000),
    first_seen: seen,
    last_seen: seen,
    events,
    accepted: events,
    errors: 0,
    returned_rows: 3,
    affected_rows: 0,
    severity,
    score: 60,
    attack_tags: attackTags,
    tables: ['shop.users'],
    rules:
      events === 0
        ? []
        : [
            {
              rule_id: ruleId,
              title,
              severity,
              confidence: 0.9,
              attack_tags: attackTags,
              events,
              first_seen: seen,
              last_seen: seen,
            },
          ],
    samples:
      events === 0
        ? []
        : [
            {
              event_time: seen,
              event_id: '6a2c1f0e-1111-8222-8333-444455556666',
              connection_uid: '0123456789abcdef0123456789abcdef',
              command: 'query',
              statement_digest: 'f'.repeat(32),
              statement_masked: statement,
              rule_ids: [ruleId],
              error_code: 0,
              error_message_masked: '',
              returned_rows: 3,
            },
          ],
  };
}
