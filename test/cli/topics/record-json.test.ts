import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf, recordJson } from '../../../cli/topics/record-json.ts';
import { writeChangelogValue } from '../../../processors/service/changelog-value.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import { auditJson } from '../../../schemas/audit-json.ts';
import { eventLine } from '../../../schemas/event-record.ts';
import { type LedgerEntry, LOSS_REASONS } from '../../../schemas/ledger.ts';
import { countLine } from '../../../schemas/ledger-record.ts';
import { SqlText } from '../../../schemas/sql-text.ts';
import { betweenTopic, stateTopic, TOPIC } from '../../../schemas/topics.ts';

const SECRET = "hunter2'; DROP TABLE";
const EVENT = new AuditEvent({
  uid: '0123456789abcdef0123456789abcdef',
  serverId: 'db-1',
  clientAddress: '10.0.0.1',
  clientPort: 5000,
  serverAddress: '10.0.0.2',
  serverPort: 3306,
});
EVENT.command = 'query';
const AUDIT_LINE = auditJson(EVENT, false);
const NO_MODE = { charset: '', noBackslashEscapes: null, ansiQuotes: null };
const STATE = stateTopic('sqltrail.decode');
const TOPICS = [
  ...Object.values(TOPIC),
  betweenTopic('decode'),
  betweenTopic('identify'),
  betweenTopic('mask'),
  STATE,
  'somebody.elses',
];

function shown(topic: string, value: string | Buffer | null, key: string | null = null) {
  return recordJson({
    topic,
    partition: 2,
    offset: 7,
    key,
    value: value === null ? null : Buffer.from(value),
    timeMs: 1_700_000_000_123,
  });
}

describe('a record as JSON', () => {
  it('has its place, the time the broker took it, and the events of its lines', () => {
    const value = `${JSON.stringify(AUDIT_LINE)}\n${JSON.stringify(AUDIT_LINE)}\n`;
    expect(shown(TOPIC.audit, value)).toEqual({
      topic: TOPIC.audit,
      partition: 2,
      offset: 7,
      time: '2023-11-14T22:13:20.123000Z',
      key: null,
      value: [AUDIT_LINE, AUDIT_LINE],
    });
  });

  it('never has the unmasked fields of an event, nor fields it does not know', () => {
    const line = {
      ...AUDIT_LINE,
      statement_raw: SECRET,
      parameters: [SECRET],
      query_attributes: { a: SECRET },
      other: SECRET,
    };
    for (const topic of [TOPIC.audit, betweenTopic('mask'), betweenTopic('decode')])
      expect(JSON.stringify(shown(topic, JSON.stringify(line)))).not.toContain('hunter2');
  });

  it('takes no text for masked in a topic before mask', () => {
    const line = {
      ...AUDIT_LINE,
      statement_masked: SECRET,
      error_message_masked: SECRET,
      tables: [SECRET],
      sql: SECRET,
    };
    const value = shown(betweenTopic('decode'), JSON.stringify(line));
    expect(JSON.stringify(value)).not.toContain('hunter2');
    expect(value.value).toMatchObject([{ command: 'query', server_id: 'db-1' }]);
  });

  it('shows counts of the ledger as the stages write them', () => {
    const entry: LedgerEntry = {
      stage: 'decode',
      origin: 'mysql.messages.v1/3',
      ordinal: 4,
      serverId: 'db-1',
      minuteMs: 1_700_000_040_000,
      unit: 'records',
      takenIn: LOSS_REASONS.length + 2,
      passedOn: 1,
      open: 1,
      lost: Object.fromEntries(LOSS_REASONS.map((reason) => [reason, 1])),
      impaired: { gap: 1 },
      version: 9,
    };
    expect(shown(TOPIC.ledger, countLine(entry)).value).toEqual([JSON.parse(countLine(entry))]);
  });

  it('shows of state where it stands and how much it holds', () => {
    const state = { version: 1, pending: [1, 2], facts: { uid: 'u' }, userName: SECRET, seen: 5 };
    const value = writeChangelogValue({ epoch: 3, position: 120, text: JSON.stringify(state) });
    expect(shown(STATE, value, `${TOPIC.messages}|uid`).value).toEqual({
      bytes: value.length,
      epoch: 3,
      position: 120,
      holds: { pending: 2, facts: 1, userName: SECRET.length },
    });
    const key = `${TOPIC.messages}|3.0a1b2c3d|blob/12/0.1`;
    expect(shown(STATE, SECRET, key)).toMatchObject({ key, value: { bytes: SECRET.length, is_part_of_text: true } });
  });

  it('shows of an event before mask all but its text', () => {
    EVENT.sql = new SqlText(Buffer.from(SECRET), 0, SECRET.length, NO_MODE, 'none');
    EVENT.errorMessage = Buffer.from(SECRET);
    const line = eventLine(EVENT);
    expect(line).toContain(Buffer.from(SECRET).toString('base64'));
    const text = JSON.stringify(shown(betweenTopic('decode'), line));
    expect(text).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 8));
    expect(text).toContain('"command":"query"');
  });

  it('says of what is not of its topic only the length and the reason', () => {
    expect(shown(TOPIC.audit, SECRET).value).toEqual([{ unreadable: 'no JSON', bytes: SECRET.length }]);
    const other = JSON.stringify({ statement: SECRET });
    expect(shown(TOPIC.audit, other).value).toMatchObject([{ bytes: other.length }]);
    expect(shown('somebody.elses', SECRET).value).toMatchObject({ bytes: SECRET.length });
    expect(shown(TOPIC.audit, 'x', SECRET).key).toMatchObject({ bytes: SECRET.length });
  });

  it('repeats nothing of a value it does not understand, on any topic, whatever the bytes', () => {
    const anything = fc.oneof(
      fc.constant(SECRET),
      fc.constant(JSON.stringify({ [SECRET]: SECRET, reason: 1 })),
      fc.constant(JSON.stringify([SECRET])),
      fc.uint8Array().map((bytes) => Buffer.concat([Buffer.from('SQT2'), bytes, Buffer.from(SECRET)])),
      fc.json().map((json) => `${json}\n"${SECRET}"`),
    );
    fc.assert(
      fc.property(fc.constantFrom(...TOPICS), anything, (topic, value) => {
        expect(JSON.stringify(shown(topic, value, SECRET))).not.toContain('hunter2');
      }),
    );
  });

  it('keeps a deletion a null', () => {
    expect(shown(STATE, null).value).toBeNull();
  });

  it('takes the newline behind the last line for an end, not for a line', () => {
    expect(linesOf(Buffer.from('a\nb\n'))).toEqual(['a', 'b']);
    expect(linesOf(Buffer.from('a\n\nb'))).toEqual(['a', '', 'b']);
    expect(linesOf(Buffer.alloc(0))).toEqual([]);
  });
});
