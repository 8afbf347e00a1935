import { describe, expect, it } from 'vitest';
import { readProxyHeader } from '../../../edge/framer/proxy-header.ts';
import { Conversation, query, result, rows } from '../../support/conversation.ts';

const V2 = '0d0a0d0a000d0a515549540a';
const hex = (text: string) => Buffer.from(text.replace(/\s+/g, ''), 'hex');
const read = (bytes: Buffer) => readProxyHeader(bytes, 0, bytes.length);

describe('the header of a proxy in front', () => {
  it.each([
    [
      'v1 over IPv4',
      Buffer.from('PROXY TCP4 203.0.113.7 10.0.0.2 56324 3306\r\n'),
      '00000000000000000000ffffcb007107',
      56324,
    ],
    [
      'v1 over IPv6',
      Buffer.from('PROXY TCP6 2001:db8::1 2001:db8::2 40000 3306\r\n'),
      '20010db8000000000000000000000001',
      40000,
    ],
    [
      'v1 with a mapped address',
      Buffer.from('PROXY TCP6 ::ffff:1.2.3.4 ::1 1 3306\r\n'),
      '00000000000000000000ffff01020304',
      1,
    ],
    ['v2 over IPv4', hex(`${V2} 21 11 000c cb007107 0a000002 dc04 0cea`), '00000000000000000000ffffcb007107', 56324],
    [
      'v2 with extensions',
      hex(`${V2} 21 11 0010 cb007107 0a000002 dc04 0cea 04000100`),
      '00000000000000000000ffffcb007107',
      56324,
    ],
    [
      'v2 over IPv6',
      hex(`${V2} 21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 9c40 0cea`),
      '20010db8000000000000000000000001',
      40000,
    ],
  ])('names the client: %s', (_, bytes, address, port) => {
    expect(read(bytes)).toMatchObject({ bytes: bytes.length, port });
    expect((read(bytes) as { address: Buffer }).address.toString('hex')).toBe(address);
    for (let length = 1; length < bytes.length; length++) expect(read(bytes.subarray(0, length))).toBe('more');
  });

  it.each([
    ['v1 that does not know', Buffer.from('PROXY UNKNOWN\r\n')],
    ['v1 with an address that is none', Buffer.from('PROXY TCP4 999.0.0.1 10.0.0.2 1 2\r\n')],
    ['v2 of a health check (LOCAL)', hex(`${V2} 20 00 0000`)],
    ['v2 over a unix socket', hex(`${V2} 21 31 0004 00000000`)],
  ])('names nobody: %s', (_, bytes) => {
    expect(read(bytes)).toMatchObject({ bytes: bytes.length, address: null });
  });

  it.each([
    ['other bytes', Buffer.from('GET / HTTP/1.1\r\n')],
    ['a v1 line without end', Buffer.from(`PROXY ${'x'.repeat(200)}`)],
    ['a version that is not known', hex(`${V2} 31 11 0000`)],
    ['nothing', Buffer.alloc(0)],
  ])('is not seen in %s', (_, bytes) => {
    expect(read(bytes)).toBe('none');
  });

  it('gives every event of the connection the address of the real client, also where it comes byte by byte', () => {
    const header = Buffer.from('PROXY TCP4 203.0.113.7 10.0.0.2 56324 3306\r\n');
    const conversation = new Conversation();
    for (const byte of header) conversation.client(Buffer.from([byte]));
    const events = rows(conversation.login().client(query('SELECT 1')).server(result('1')).outputs());
    expect(events.map((event) => [event.command, event.client_address, event.client_port, event.user_name])).toEqual([
      ['connect', '203.0.113.7', 56324, 'app'],
      ['query', '203.0.113.7', 56324, 'app'],
    ]);
  });
});
