import { describe, expect, it } from 'vitest';
import {
  COLUMN,
  Conversation,
  DEFAULT_CAPABILITIES,
  packet,
  query,
  WITHOUT_DEPRECATE_EOF,
} from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';
/** ERR 1064, 42000, "near 'x'" */
const ERR_1064 = 'ff 2804 23 3432303030 6e656172202778 27';

describe('prepared statements', () => {
  const prepare = packet(0, '16', Buffer.from('SELECT a FROM t WHERE b = ? AND c = ?'));
  const prepareOk = '00 05000000 0100 0200 00 0000';
  const parameter = COLUMN;
  const execute = (types: string, values: string) => packet(0, '17 05000000 00 01000000 00', types, values);

  it.each([
    [
      'without EOF packets',
      DEFAULT_CAPABILITIES,
      [packet(1, prepareOk), packet(2, parameter), packet(3, parameter), packet(4, COLUMN)],
    ],
    [
      'with EOF packets',
      WITHOUT_DEPRECATE_EOF,
      [
        packet(1, prepareOk),
        packet(2, parameter),
        packet(3, parameter),
        packet(4, EOF),
        packet(5, COLUMN),
        packet(6, EOF),
      ],
    ],
  ])('links an execute to the text of its prepare, %s', (_, capabilities, answer) => {
    const conversation = new Conversation()
      .login(capabilities)
      .client(prepare)
      .server(...answer);
    conversation.client(execute('01 0300 fd00', '2a000000 03616263')).server(packet(1, ERR_1064));
    conversation.client(packet(0, '19 05000000')).client(query('SELECT 1'));
    const events = conversation.events();
    expect(events.map((event) => [event.command, event.status])).toEqual([
      ['prepare', 'ok'],
      ['execute', 'error'],
      ['close', 'unknown'],
      ['query', 'unknown'],
    ]);
    expect(events[1]).toMatchObject({
      statement_raw: 'SELECT a FROM t WHERE b = ? AND c = ?',
      parameters: [42, 'abc'],
    });
    expect(events[1]!.statement_digest).toBe(events[0]!.statement_digest);
  });

  it('remembers the types of an execute that sends them no more', () => {
    const conversation = new Conversation()
      .login()
      .client(prepare)
      .server(packet(1, prepareOk), packet(2, parameter), packet(3, parameter), packet(4, COLUMN));
    conversation.client(execute('01 0380 0c00', 'ffffffff 07 e907 0b 15 01 02 03')).server(packet(1, OK));
    conversation.client(execute('00', '01000000 04 e907 0b 15')).server(packet(1, OK));
    expect(conversation.events().filter((event) => event.command === 'execute')).toMatchObject([
      { parameters: [4294967295, '2025-11-21 01:02:03'] },
      { parameters: [1, '2025-11-21 00:00:00'] },
    ]);
  });

  it('says midstream of an execute whose prepare it did not see, and guesses no text', () => {
    const [event] = new Conversation()
      .login()
      .client(execute('01 0300 fd00', '2a000000 03616263'))
      .server(packet(1, OK))
      .events();
    expect(event).toMatchObject({
      command: 'execute',
      statement_raw: '',
      statement_masked: '',
      completeness: 'midstream',
      status: 'ok',
    });
  });

  it('links an execute that was sent before its prepare was answered (statement id -1)', () => {
    const early = packet(0, '17 ffffffff 00 01000000 00 01 0300 fd00', '2a000000 03616263');
    const other = packet(0, '16', Buffer.from('DO 1'));
    const conversation = new Conversation().login().client(other).server(packet(1, '00 04000000 0000 0000 00 0000'));
    conversation
      .client(prepare, early)
      .server(packet(1, prepareOk), packet(2, parameter), packet(3, parameter), packet(4, COLUMN));
    conversation.server(packet(1, OK));
    expect(conversation.events().at(-1)).toMatchObject({
      command: 'execute',
      statement_raw: 'SELECT a FROM t WHERE b = ? AND c = ?',
      parameters: [42, 'abc'],
      status: 'ok',
      completeness: 'complete',
    });
  });

  it('reads the rows of a bulk execute, where a value may be missing', () => {
    const conversation = new Conversation().login().client(prepare);
    conversation.server(packet(1, prepareOk), packet(2, parameter), packet(3, parameter), packet(4, COLUMN));
    const bulk = packet(0, 'fa 05000000 8000 0300 fd00', '00 01000000 00 0161', '00 02000000 01');
    conversation.client(bulk).server(packet(1, '00 02 00 0200 0000'));
    expect(conversation.events().at(-1)).toMatchObject({
      command: 'bulk_execute',
      statement_raw: 'SELECT a FROM t WHERE b = ? AND c = ?',
      parameters: [
        [1, 'a'],
        [2, null],
      ],
      affected_rows: 2,
    });
  });

  it("links an execute whose PREPARE_OK was lost, as its id is the next in the server's counting", () => {
    const conversation = new Conversation().login().client(prepare).gap(false, 60);
    conversation.client(packet(0, '17 01000000 00 01000000')).server(packet(1, OK));
    conversation.client(packet(0, '17 09000000 00 01000000')).server(packet(1, OK));
    expect(conversation.events()).toMatchObject([
      { command: 'prepare', status: 'unknown', completeness: 'gap' },
      { command: 'execute', statement_raw: 'SELECT a FROM t WHERE b = ? AND c = ?', status: 'ok' },
      { command: 'execute', statement_raw: '', completeness: 'midstream' },
    ]);
  });

  it('does not where another PREPARE may have been lost too', () => {
    const conversation = new Conversation().login().gap(true, 80).client(prepare).gap(false, 60);
    conversation.client(packet(0, '17 01000000 00 01000000')).server(packet(1, OK));
    expect(conversation.events().at(-1)).toMatchObject({
      command: 'execute',
      statement_raw: '',
      completeness: 'gap',
    });
  });

  it('ends a response where a cursor was opened: its rows come by fetch', () => {
    const conversation = new Conversation()
      .login(WITHOUT_DEPRECATE_EOF)
      .client(prepare)
      .server(packet(1, '00 05000000 0100 0000 00 0000'), packet(2, COLUMN), packet(3, EOF));
    conversation
      .client(packet(0, '17 05000000 01 01000000'))
      .server(packet(1, '01'), packet(2, COLUMN), packet(3, 'fe 0000 4200'));
    conversation
      .client(packet(0, '1c 05000000 02000000'))
      .server(packet(1, '00 00 0161'), packet(2, '00 00 0162'), packet(3, 'fe 0000 8200'));
    expect(conversation.events().map((event) => [event.command, event.returned_rows])).toEqual([
      ['prepare', 0],
      ['execute', 0],
      ['fetch', 2],
    ]);
  });
});
