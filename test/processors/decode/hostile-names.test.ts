import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NdjsonSink } from '../../../cli/output/ndjson-sink.ts';
import type { StandardOutput } from '../../../cli/output/standard-output.ts';
import { TableSink } from '../../../cli/output/table-sink.ts';
import { recordJson } from '../../../cli/topics/record-json.ts';
import { StoreBatch } from '../../../processors/store/store-batch.ts';
import { CAPABILITY } from '../../../protocol/capabilities.ts';
import { openLog } from '../../../runtime/log.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import { auditLine } from '../../../schemas/audit-record.ts';
import { LONGEST_NAME } from '../../../schemas/clean-name.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import {
  Conversation,
  DEFAULT_CAPABILITIES,
  decodeAll,
  greeting,
  loginPacket,
  packet,
  query,
} from '../../support/conversation.ts';

/** What moves a cursor, hides or reorders text, or ends a line. */
const ACTING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const CAPABILITIES = DEFAULT_CAPABILITIES | CAPABILITY.connectAttributes;
const OK = '00 00 00 0200 0000';

/** Names that clients choose: no NUL, which ends a name on the wire. */
const hostileName = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]0;x\u0007',
        '\r\n',
        '\t',
        '\u0085',
        '\u009b2J',
        '\u202e',
        '\u2066',
        '\u200b',
      ),
      fc.constantFrom('\u2028', '\ufeff', '\u{e0041}', '😀', '表', 'e\u0301', '=cmd()', '",\'`', '{"a":1}', '\u00ad'),
      fc.string({ maxLength: 5 }).map((text) => text.replaceAll('\0', '')),
      fc.constant('x'.repeat(200)),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('a name that a client gave', () => {
  it('acts on no terminal and forges no line, wherever it is shown', () => {
    fc.assert(
      fc.property(fc.tuple(hostileName, hostileName, hostileName, hostileName), (names) => {
        const events = eventsWith(names);
        expect(events.map(({ command }) => command)).toEqual(['connect', 'query', 'init_db', 'query', 'change_user']);
        for (const event of events) {
          for (const name of [event.userName, event.databaseName, event.clientProgram, event.serverVersion]) {
            expect(name).not.toMatch(ACTING);
            expect(name.length).toBeLessThanOrEqual(LONGEST_NAME);
          }
        }
        const shown = outputsOf(events);
        expect(shown.ndjson.length).toBe(events.length);
        expect(shown.table.length).toBe(events.length + 1);
        for (const line of Object.values(shown).flat()) expect(line).not.toMatch(ACTING);
      }),
      { numRuns: 300 },
    );
  });

  it('is stored as it is shown', () => {
    const [event] = eventsWith(['a\u001b[2Jb', 'c\u202ed', 'e\r\nf', 'g']);
    const batch = new StoreBatch({ keepsRaw: false, remembersRows: false, markedMinutes: null });
    batch.addEvent(event!);
    const stored = batch.facts.encode().toString('utf8');
    for (const name of ['a\ufffd[2Jb', 'c\ufffdd', 'e\ufffd\ufffdf']) expect(stored).toContain(name);
    expect(stored).not.toContain('\u001b');
  });
});

/** A login with the first three as user, database and program, then the fourth and others as names of databases and users. */
function eventsWith([user, database, program, other]: readonly [string, string, string, string]): AuditEvent[] {
  const attributes = Buffer.concat([lenenc('program_name'), lenenc(program)]);
  const login = loginPacket(CAPABILITIES, user, database).subarray(4);
  const conversation = new Conversation()
    .server(greeting(CAPABILITIES))
    .client(packet(1, login, lenencBytes(attributes)))
    .server(packet(2, OK))
    .client(query(`USE \`${other.replaceAll('`', '``')}\``))
    .server(packet(1, OK))
    .client(packet(0, '02', Buffer.from(other)))
    .server(packet(1, OK))
    .client(query(`SELECT * FROM \`${other.replaceAll('`', '``')}\` AS t`))
    .server(packet(1, 'ff 2804', Buffer.from(`#\u001b[2Jm${other}`)))
    .client(packet(0, '11', Buffer.from(`${other}\0`), '00', Buffer.from(`${user}\0`)))
    .server(packet(1, OK));
  return decodeAll(conversation.end()).filter((output) => output instanceof AuditEvent);
}

/** What of the events is printed and sent, line by line; of the log as JSON lines too. */
function outputsOf(events: readonly AuditEvent[]) {
  const texts = { ndjson: '', table: '', log: '' };
  const output = (name: keyof typeof texts) =>
    ({
      write: (text: string) => {
        texts[name] += text;
      },
    }) as unknown as StandardOutput;
  const sinks = [new NdjsonSink(output('ndjson'), false), new TableSink(output('table'), 200)];
  const log = openLog('process', 'info', { write: (line: string) => output('log').write(line) });
  const audit: string[] = [];
  const read: string[] = [];
  for (const event of events) {
    for (const sink of sinks) sink.add(event);
    const line = auditLine(event, false);
    audit.push(line);
    const record = { topic: TOPIC.audit, partition: 0, offset: 0, key: null, value: Buffer.from(line), timeMs: 0 };
    read.push(JSON.stringify(recordJson(record)));
    log.info('An event.', { user: event.userName, database: event.databaseName, program: event.clientProgram });
  }
  const lines = (text: string) => text.trimEnd().split('\n');
  return { ndjson: lines(texts.ndjson), table: lines(texts.table), log: lines(texts.log), audit, read };
}

function lenenc(text: string): Buffer {
  return lenencBytes(Buffer.from(text));
}

function lenencBytes(bytes: Buffer): Buffer {
  const length =
    bytes.length < 251 ? Buffer.from([bytes.length]) : Buffer.from([0xfc, bytes.length & 0xff, bytes.length >> 8]);
  return Buffer.concat([length, bytes]);
}
