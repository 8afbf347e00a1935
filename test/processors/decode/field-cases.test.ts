import { describe, expect, it } from 'vitest';
import { COLUMN, Conversation, DEFAULT_CAPABILITIES, packet } from '../../support/conversation.ts';

const QUERY_ATTRIBUTES = 0x800_0000;
const OK = '00 00 00 0200 0000';

describe('what clients of the field send', () => {
  // mysql-connector-python 26.10 to MySQL 9.7, prepared cursor, arguments (0, "pen 0").
  it('reads values behind a parameter count that its flag does not announce', () => {
    const events = new Conversation()
      .login((DEFAULT_CAPABILITIES | QUERY_ATTRIBUTES) >>> 0)
      .client(packet(0, '16', Buffer.from('SELECT 1 FROM items WHERE id = ? OR name = ?')))
      .server(packet(1, '00 01000000 0000 0200 00 0000'), packet(2, COLUMN), packet(3, COLUMN))
      .client(packet(0, '17 01000000 00 01000000 02 00 01 018000 fe0000 00', '05 70656e2030'))
      .server(packet(1, OK))
      .events();
    expect(events[1]).toMatchObject({ command: 'execute', parameters: [0, 'pen 0'], query_attributes: {} });
  });

  // PHP mysqli, send_long_data before each of two executes.
  it('forgets long data with the execute that used it', () => {
    const longData = (text: string) => packet(0, '18 01000000 0000', Buffer.from(text));
    const events = new Conversation()
      .login()
      .client(packet(0, '16', Buffer.from('INSERT INTO t VALUES (?)')))
      .server(packet(1, '00 01000000 0000 0100 00 0000'), packet(2, COLUMN))
      .client(longData('first '), longData('value'))
      .client(packet(0, '17 01000000 00 01000000 00 01 fc00'))
      .server(packet(1, OK))
      .client(longData('second'))
      .client(packet(0, '17 01000000 00 01000000 00 00'))
      .server(packet(1, OK))
      .events();
    const executes = events.filter((event) => event.command === 'execute');
    expect(executes.map((event) => event.parameters)).toEqual([['first value'], ['second']]);
  });

  it('marks an execute of which a part of the long data was lost, and none after it', () => {
    const longData = (text: string) => packet(0, '18 01000000 0000', Buffer.from(text));
    const execute = packet(0, '17 01000000 00 01000000 00 00');
    const events = new Conversation()
      .login()
      .client(packet(0, '16', Buffer.from('INSERT INTO t VALUES (?)')))
      .server(packet(1, '00 01000000 0000 0100 00 0000'), packet(2, COLUMN))
      .client(longData('first'))
      .client(packet(0, '17 01000000 00 01000000 00 01 fc00'))
      .server(packet(1, OK))
      .gap(true, 20)
      .client(longData('second part'))
      .client(execute)
      .server(packet(1, OK))
      .client(longData('third'))
      .client(execute)
      .server(packet(1, OK))
      .events();
    const executes = events.filter((event) => event.command === 'execute');
    expect(executes.map((event) => [event.parameters, event.completeness])).toEqual([
      [['first'], 'complete'],
      [['second part'], 'gap'],
      [['third'], 'complete'],
    ]);
  });

  it('says that values are missing where the answer to the prepare was lost', () => {
    const events = new Conversation()
      .login()
      .client(packet(0, '16', Buffer.from('SELECT a FROM t WHERE b = ?')))
      .gap(false, 100)
      .client(packet(0, '17 01000000 00 01000000 00 01 0300', '07000000'))
      .server(packet(1, OK))
      .events();
    expect(events[1]).toMatchObject({ command: 'execute', completeness: 'gap', parameters: [] });
    expect(events[1]?.statement_masked).toBe('SELECT a FROM t WHERE b = ?');
  });
});
