import { describe, expect, it } from 'vitest';
import {
  COLUMN,
  Conversation,
  DEFAULT_CAPABILITIES,
  packet,
  query,
  result,
  WITHOUT_DEPRECATE_EOF,
} from '../../support/conversation.ts';

const EOF = 'fe 0000 0200';
/** ERR 1064, 42000, "near 'x'" */
const ERR_1064 = 'ff 2804 23 3432303030 6e656172202778 27';

describe('results', () => {
  it.each([
    [
      'with an OK at the end',
      DEFAULT_CAPABILITIES,
      [packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, 'fb'), packet(5, 'fe 00 00 0200 0300')],
    ],
    [
      'with EOF packets',
      WITHOUT_DEPRECATE_EOF,
      [
        packet(1, '01'),
        packet(2, COLUMN),
        packet(3, EOF),
        packet(4, '0131'),
        packet(5, 'fb'),
        packet(6, 'fe 0300 0200'),
      ],
    ],
  ])('counts rows %s, one of them NULL', (_, capabilities, packets) => {
    const [event] = new Conversation()
      .login(capabilities)
      .client(query('SELECT a'))
      .server(...packets)
      .events();
    expect(event).toMatchObject({
      status: 'ok',
      returned_rows: 2,
      warnings: 3,
      affected_rows: 0,
      completeness: 'complete',
    });
    expect(event!.response_bytes).toBe(Buffer.concat(packets).length);
  });

  it('measures the time to the first row and to the last byte', () => {
    const [event] = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'))
      .server(packet(2, COLUMN))
      .server(packet(3, '0131'))
      .server(packet(4, 'fe 00 00 0200 0000'))
      .events();
    expect(event).toMatchObject({ first_row_us: 3_000, duration_us: 4_000 });
  });

  it('reads affected rows, last insert id beyond 2^53 and warnings of an OK', () => {
    const [event] = new Conversation()
      .login()
      .client(query('INSERT INTO t VALUES (1)'))
      .server(packet(1, '00 fc2c01 fe ffffffffffffffff 2300 0200'))
      .events();
    expect(event).toMatchObject({
      affected_rows: 300,
      last_insert_id: '18446744073709551615',
      warnings: 2,
      in_transaction: true,
      no_index_used: true,
    });
  });

  it('tells an error with its state and a masked message', () => {
    const [event] = new Conversation().login().client(query('SELEC 1')).server(packet(1, ERR_1064)).events();
    expect(event).toMatchObject({ status: 'error', error_code: 1064, sql_state: '42000' });
    expect(event!.error_message_masked).not.toContain("'x'");
  });

  it('tells an error in the middle of a result', () => {
    const [event] = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, ERR_1064))
      .events();
    expect(event).toMatchObject({ status: 'error', error_code: 1064, returned_rows: 1 });
  });

  it('adds up the results of a statement that has several', () => {
    const first = [packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, 'fe 00 00 0a00 0000')];
    const second = [
      packet(5, '00 02 00 0a00 0000'),
      packet(6, '01'),
      packet(7, COLUMN),
      packet(8, '0131'),
      packet(9, '0132'),
      packet(10, 'fe 00 00 0200 0000'),
    ];
    const events = new Conversation()
      .login()
      .client(query('CALL p()'))
      .server(...first, ...second)
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(events).toMatchObject([
      { statement_raw: 'CALL p()', returned_rows: 3, affected_rows: 2, status: 'ok' },
      { statement_raw: 'SELECT 1', returned_rows: 1 },
    ]);
  });

  it('counts the columns of a wide result by their length-encoded number', () => {
    const columns = Array.from({ length: 300 }, (_, i) => packet(2 + i, COLUMN));
    const [event] = new Conversation()
      .login()
      .client(query('SELECT *'))
      .server(packet(1, 'fc 2c01'), ...columns, packet(46, 'fb'), packet(47, 'fe 00 00 0200 0000'))
      .events();
    expect(event).toMatchObject({ returned_rows: 1, status: 'ok' });
  });

  it('ends a LOCAL INFILE by the answer of the server, where the end of the file was lost', () => {
    const conversation = new Conversation().login().client(query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t"));
    conversation.server(packet(1, 'fb', Buffer.from('f'))).client(packet(2, Buffer.from('1,2')));
    conversation.gap(true, 4).server(packet(4, '00 01 00 0200 0000')).client(query('SELECT 1')).server(result('1'));
    expect(conversation.events()).toMatchObject([
      { affected_rows: 1, status: 'ok' },
      { statement_raw: 'SELECT 1', returned_rows: 1 },
    ]);
  });

  it('does not take the bytes of a LOCAL INFILE for commands', () => {
    const events = new Conversation()
      .login()
      .client(query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t"))
      .server(packet(1, 'fb', Buffer.from('f')))
      .client(packet(2, '03', Buffer.from('DROP TABLE t')))
      .client(packet(3))
      .server(packet(4, '00 01 00 0200 0000'))
      .client(query('SELECT 1'))
      .server(result('1'))
      .events();
    expect(events.map((event) => event.statement_raw)).toEqual(["LOAD DATA LOCAL INFILE 'f' INTO TABLE t", 'SELECT 1']);
    expect(events[0]).toMatchObject({ affected_rows: 1, status: 'ok' });
  });
});
