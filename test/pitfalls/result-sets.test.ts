import { describe, expect, it } from 'vitest';
import {
  COLUMN,
  Conversation,
  DEFAULT_CAPABILITIES,
  packet,
  query,
  result,
  WITHOUT_DEPRECATE_EOF,
} from '../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';
const END = 'fe 00 00 0200 0000';
/** OK and the end of rows with SERVER_MORE_RESULTS_EXISTS. */
const OK_MORE = '00 02 00 0a00 0000';
const END_MORE = 'fe 00 00 0a00 0000';
const ERR = 'ff 2505 23 3730313030 5175657279 20 77617320 696e746572727570746564';

/** One query with this answer, then another whose answer must be its own. */
function answered(capabilities: number, ...answer: Buffer[]) {
  const conversation = new Conversation()
    .login(capabilities)
    .client(query('SELECT a FROM t'))
    .server(...answer);
  const [first, second, ...more] = conversation
    .client(query('SELECT 2'))
    .server(
      capabilities & 0x100_0000
        ? result('1')
        : Buffer.concat([packet(1, '01'), packet(2, COLUMN), packet(3, EOF), packet(4, '0131'), packet(5, EOF)]),
    )
    .events();
  expect(more).toEqual([]);
  expect(second).toMatchObject({ statement_raw: 'SELECT 2', status: 'ok', returned_rows: 1 });
  return first!;
}

describe('result sets', () => {
  it('pitfall 10: tells EOF from a row that begins with 0xfe by the length alone', () => {
    const row = Buffer.concat([
      Buffer.from('fe00000001000000 00'.replaceAll(' ', ''), 'hex'),
      Buffer.alloc(0x100_0000, 0x61),
    ]);
    const [head, tail] = [row.subarray(0, 0xff_ffff), row.subarray(0xff_ffff)];
    const event = answered(
      WITHOUT_DEPRECATE_EOF,
      packet(1, '01'),
      packet(2, COLUMN),
      packet(3, EOF),
      packet(4, head),
      packet(5, tail),
      packet(6, EOF),
    );
    expect(event).toMatchObject({ returned_rows: 1, status: 'ok', completeness: 'complete' });
  });

  it('pitfall 11: ends a result at OK with header 0xfe, without EOF between definitions and rows, where that is agreed', () => {
    const event = answered(
      DEFAULT_CAPABILITIES,
      packet(1, '01'),
      packet(2, COLUMN),
      packet(3, '0131'),
      packet(4, 'fe 00 00 2200 0300'),
    );
    expect(event).toMatchObject({ returned_rows: 1, warnings: 3, no_index_used: true, status: 'ok' });
  });

  it('pitfall 12: reads a column count beyond 250', () => {
    const columns = Array.from({ length: 300 }, (_, i) => packet(2 + i, COLUMN));
    expect(
      answered(DEFAULT_CAPABILITIES, packet(1, 'fc 2c01'), ...columns, packet(46, 'fb'), packet(47, END)),
    ).toMatchObject({ returned_rows: 1 });
  });

  it('pitfall 13: takes 0xfb for NULL in a row, not for a length or a file request', () => {
    expect(
      answered(
        DEFAULT_CAPABILITIES,
        packet(1, '01'),
        packet(2, COLUMN),
        packet(3, 'fb'),
        packet(4, 'fb'),
        packet(5, END),
      ),
    ).toMatchObject({ returned_rows: 2, status: 'ok' });
  });

  it('pitfall 14: goes on after more-results on EOF and on OK: several statements, CALL, OUT parameters', () => {
    const event = answered(
      DEFAULT_CAPABILITIES,
      ...[packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, END_MORE), packet(5, OK_MORE)],
      // OUT parameters: SERVER_PS_OUT_PARAMS and more results.
      ...[packet(6, '01'), packet(7, COLUMN), packet(8, '0132'), packet(9, 'fe 00 00 0a10 0000'), packet(10, OK)],
    );
    expect(event).toMatchObject({ returned_rows: 2, affected_rows: 2, status: 'ok' });
    const classic = answered(
      WITHOUT_DEPRECATE_EOF,
      ...[
        packet(1, '01'),
        packet(2, COLUMN),
        packet(3, 'fe 0000 0a00'),
        packet(4, '0131'),
        packet(5, 'fe 0000 0a00'),
        packet(6, OK),
      ],
    );
    expect(classic).toMatchObject({ returned_rows: 1, status: 'ok' });
  });

  it('pitfall 15: counts the file of a LOCAL INFILE up to its empty packet and never takes it for commands', () => {
    const events = new Conversation()
      .login()
      .client(query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t"))
      .server(packet(1, 'fb', Buffer.from('f')))
      .client(packet(2, '03', Buffer.from('DROP TABLE t')), packet(3, '16', Buffer.from('SELECT ?')))
      .client(packet(4))
      .server(packet(5, '00 02 00 0200 0000'))
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(events.map((event) => event.command)).toEqual(['query', 'query']);
    expect(events[0]).toMatchObject({ affected_rows: 2, status: 'ok' });
    expect(events[0]!.request_bytes).toBeGreaterThan(43 + 13 + 9);
  });

  it('pitfall 16: reads lengths of OK as length-encoded, and the schema of the session state behind its info', () => {
    const [first, second] = new Conversation()
      .login(DEFAULT_CAPABILITIES | 0x80_0000)
      .client(query('CALL go()'))
      // 300 rows, id 70000, status with SESSION_STATE_CHANGED, info "ok", state: system variable, schema "hr"
      .server(
        packet(
          1,
          'fc2c01 fd701101'.replace('fc2c01', '00 fc2c01'),
          '0240 0100 02',
          Buffer.from('ok'),
          '18 00 0f 0a',
          Buffer.from('autocommit'),
          '03',
          Buffer.from('OFF'),
          '01 03 02',
          Buffer.from('hr'),
          '02 00',
        ),
      )
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(first).toMatchObject({ affected_rows: 300, last_insert_id: 70_000, warnings: 1, database_name: 'shop' });
    expect(second).toMatchObject({ database_name: 'hr' });
  });

  it('pitfall 17: reads an ERR of the connection phase without SQL state, and codes of 3000 and above', () => {
    const [refusal] = new Conversation().server(packet(0, 'ff 1004', Buffer.from('Too many connections'))).outputs();
    expect(refusal).toMatchObject({ command: 'connect', status: 'error', errorCode: 1040, sqlState: '' });
    expect(answered(DEFAULT_CAPABILITIES, packet(1, 'ff f80b 23 4859303030 78'))).toMatchObject({
      error_code: 3064,
      sql_state: 'HY000',
      status: 'error',
    });
  });

  it('pitfall 18: ends a command at an ERR in the middle of its rows, and at the end of the connection', () => {
    const event = answered(DEFAULT_CAPABILITIES, packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, ERR));
    expect(event).toMatchObject({ status: 'error', error_code: 1317, returned_rows: 1 });
    const [killed] = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'), packet(2, COLUMN), packet(3, '0131'))
      .events();
    expect(killed).toMatchObject({ statement_raw: 'SELECT a', status: 'unknown' });
  });

  it('pitfall 19: reads results without definitions where CLIENT_OPTIONAL_RESULTSET_METADATA is agreed', () => {
    const capabilities = DEFAULT_CAPABILITIES | 0x200_0000;
    const events = new Conversation()
      .login(capabilities)
      .client(query('SELECT a'))
      .server(packet(1, '02 00'), packet(2, '0131 0132'), packet(3, '0131 0132'), packet(4, END))
      .client(query('SELECT b'))
      .server(packet(1, '01 01'), packet(2, COLUMN), packet(3, '0131'), packet(4, END))
      .events();
    expect(events.map((event) => [event.status, event.returned_rows])).toEqual([
      ['ok', 2],
      ['ok', 1],
    ]);
  });

  it('pitfall 20: does not take a progress report of MariaDB for an error', () => {
    const report = 'ff ffff 01 02 03 e80300 07 636f7079696e67';
    expect(answered(DEFAULT_CAPABILITIES, packet(1, report), packet(2, report), packet(3, OK))).toMatchObject({
      status: 'ok',
      error_code: 0,
    });
  });
});
