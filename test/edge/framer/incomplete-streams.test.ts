import { describe, expect, it } from 'vitest';
import { COLUMN, Conversation, losses, packet, query, result, rows } from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';

describe('connections older than the capture', () => {
  it.each([
    ['that use EOF packets', [packet(1, '01'), packet(2, COLUMN), packet(3, EOF), packet(4, '0131'), packet(5, EOF)]],
    ['that do not', [packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, 'fe 00 00 0200 0000')]],
    ['that send no column definitions', [packet(1, '01 00'), packet(2, '0131'), packet(3, 'fe 00 00 0200 0000')]],
  ])('are recognised at their first command: %s', (_, response) => {
    const conversation = new Conversation({ sawSyn: false }).server(packet(9, '0131'), packet(10, EOF));
    conversation
      .client(query('SELECT 1'))
      .server(...response)
      .client(query('SELECT 2'))
      .server(...response);
    expect(conversation.events()).toMatchObject([
      {
        statement_raw: 'SELECT 1',
        returned_rows: 1,
        completeness: 'midstream',
        user_name: '',
        user_name_source: 'unknown',
      },
      { statement_raw: 'SELECT 2', returned_rows: 1, completeness: 'midstream' },
    ]);
  });

  it('are not seen in bytes that are no command', () => {
    const conversation = new Conversation({ sawSyn: false })
      .client('474554202f20485454502f312e310d0a')
      .server('485454502f312e3120323030204f4b0d0a');
    const outputs = conversation.outputs();
    expect(rows(outputs)).toEqual([]);
    expect(losses(outputs)).toMatchObject([
      { reason: 'unreadable', fromClient: true, bytes: 16, sequence: 1 },
      { reason: 'unreadable', fromClient: false, bytes: 17, sequence: 2 },
    ]);
  });
});

describe('loss', () => {
  it('marks a statement whose end was lost and goes on with the next', () => {
    const conversation = new Conversation().login();
    const request = query("INSERT INTO t VALUES ('alice', 'bob')");
    conversation
      .client(request.subarray(0, 30))
      .gap(true, request.length - 30)
      .server(packet(1, OK))
      .client(query('SELECT 1'))
      .server(result('1'));
    expect(conversation.events()).toMatchObject([
      { completeness: 'gap', status: 'ok', statement_bytes: request.length - 5 },
      { completeness: 'complete', statement_raw: 'SELECT 1', returned_rows: 1 },
    ]);
  });

  it('tells where bytes were lost and how many', () => {
    const outputs = new Conversation().login().client(query('SELECT 1')).gap(false, 500).outputs();
    const [loss] = losses(outputs);
    expect(loss).toMatchObject({ reason: 'gap', fromClient: false, bytes: 500 });
    expect(loss!.fromByte).toBeGreaterThan(0);
  });

  it('counts on where a gap lies within one row', () => {
    const long = Buffer.alloc(240, 0x61);
    const row = packet(3, 'f0', long);
    const conversation = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'), packet(2, COLUMN), row.subarray(0, 100));
    conversation.gap(false, 100).server(row.subarray(200), packet(4, '0162'), packet(5, 'fe 00 00 0200 0000'));
    expect(conversation.events()).toMatchObject([{ returned_rows: 2, status: 'ok', completeness: 'gap' }]);
  });

  it('leaves a response unknown when its place in the stream is lost, and pairs the next command right', () => {
    const conversation = new Conversation()
      .login()
      .client(query('SELECT a'))
      .server(packet(1, '01'), packet(2, COLUMN));
    conversation
      .gap(false, 1000)
      .server(packet(1, OK), packet(77, '0161'))
      .client(query('SELECT b'))
      .server(result('1'));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT a', status: 'unknown', completeness: 'gap' },
      { statement_raw: 'SELECT b', status: 'ok', returned_rows: 1, completeness: 'complete' },
    ]);
  });

  it('goes on as with an old connection when the login was lost', () => {
    const conversation = new Conversation()
      .gap(false, 90)
      .client(loginOf('app'))
      .server(packet(2, OK))
      .client(query('SELECT 1'))
      .server(result('1'));
    expect(conversation.events()).toMatchObject([{ statement_raw: 'SELECT 1', user_name: 'app', returned_rows: 1 }]);
  });
});

function loginOf(user: string): Buffer {
  return packet(
    1,
    '0da20b01 00000001 2d',
    '00'.repeat(23),
    Buffer.from(`${user}\0`),
    '14',
    Buffer.alloc(20, 0x5a),
    Buffer.from('shop\0'),
    Buffer.from('mysql_native_password\0'),
  );
}
