import { describe, expect, it } from 'vitest';
import {
  Conversation,
  loginPacket,
  losses,
  packet,
  query,
  rows,
  WITHOUT_DEPRECATE_EOF,
} from '../../support/conversation.ts';

const text = (value: string) => Buffer.from(value);
const hex = (value: string) => Buffer.from(value.replaceAll(' ', ''), 'hex');

/** What clients of other protocols send first and second, while no greeting of MySQL has come. */
const OTHERS: Record<string, Buffer[]> = {
  // Each message would be a command of the right length: QUIT, FIELD_LIST, PROCESS_KILL, QUERY.
  "MySQL's X protocol": [
    hex('01000000 01'),
    hex('0a000000 04 0a07 4d5953514c3431'),
    hex('05000000 0c 08071001'),
    hex('02000000 03 20'),
  ],
  'MongoDB, request 26': [hex('05000000 1a000000 00'), hex('3a000000 1b000000 00000000 d4070000 00000000')],
  HTTP: [text('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
  Redis: [text('*1\r\n$4\r\nPING\r\n')],
  PostgreSQL: [hex('00000008 04d2162f'), hex('51 0000000d 53454c454354203100')],
};

describe('a client that does not speak MySQL on a port of MySQL', () => {
  it.each(Object.entries(OTHERS))('sends no commands: %s', (_name, messages) => {
    const conversation = new Conversation();
    for (const message of messages) conversation.client(message);
    const outputs = conversation.outputs();
    expect(rows(outputs)).toEqual([]);
    expect(losses(outputs)).toMatchObject([{ reason: 'unreadable', bytes: Buffer.concat(messages).length }]);
  });

  it('is none whose server is not captured', () => {
    const old = packet(1, '8524 000001', text('old\0'), Buffer.alloc(8, 0x5a));
    for (const login of [loginPacket(WITHOUT_DEPRECATE_EOF), old]) {
      const events = new Conversation().client(login).client(query('SELECT 1')).events();
      expect(events).toMatchObject([{ statement_raw: 'SELECT 1', status: 'unknown' }]);
    }
  });
});
