import { describe, expect, it } from 'vitest';
import { Edge } from '../../edge/edge.ts';
import {
  Conversation,
  DEFAULT_CAPABILITIES,
  decodeAll,
  greeting,
  loginPacket,
  packet,
  query,
  rows,
} from '../support/conversation.ts';
import { ACK, frame, SYN } from '../support/segment-builder.ts';

// What fuzzing found, as bytes. Auth data is the byte 5a throughout.
const OK = '00 00 00 0200 0000';
const AUTH = Buffer.alloc(8, 0x5a);

describe('found by mutated messages', () => {
  it('ships nothing of the auth data of a COM_CHANGE_USER that is cut inside it', () => {
    const conversation = new Conversation()
      .login()
      .client('35000000 11 626f6200 14 5a5a5a5a5a5a5a5a5a')
      .gap(true, 8)
      .client('5a5a5a 687200 2d00', Buffer.from('mysql_native_password\0'));
    expect(Buffer.concat(conversation.end()).includes(AUTH)).toBe(false);
    expect(rows(decodeAll(conversation.batches))[1]).toMatchObject({ command: 'change_user', completeness: 'gap' });
  });

  it('does not take auth data for a login of before 4.1, which would ship it as a user name', () => {
    const conversation = new Conversation()
      .server(greeting(DEFAULT_CAPABILITIES))
      .client(packet(3, '15e9 5a5a5a', Buffer.alloc(15, 0x5a)));
    expect(Buffer.concat(conversation.end()).includes(AUTH)).toBe(false);
  });

  it('does not take the rest of a header that was cut for an init_db of 12 MiB, and the login behind it for its name', () => {
    const conversation = new Conversation()
      .gap(true, 7)
      .client('000cc000 02070a00000213880cea')
      .client(loginPacket(DEFAULT_CAPABILITIES))
      .server(packet(2, OK));
    expect(Buffer.concat(conversation.end()).includes(AUTH)).toBe(false);
    expect(rows(decodeAll(conversation.batches))).toMatchObject([{ command: 'connect', user_name: 'app' }]);
  });

  it('does not take an auth switch, whose COM_CHANGE_USER was not captured, for an OK that ends rows', () => {
    const authSwitch = packet(1, 'fe', Buffer.from('mysql_native_password\0'), AUTH, AUTH, '5a5a5a5a 00');
    const conversation = new Conversation().login().client(query('DO 1')).server(authSwitch);
    conversation.client(query('SELECT 1')).server(packet(1, '01'), packet(2, '03646566'), authSwitch);
    expect(Buffer.concat(conversation.end()).includes(AUTH)).toBe(false);
    expect(rows(decodeAll(conversation.batches))[1]).toMatchObject({ command: 'query', status: 'unknown' });
  });

  it('keeps counts of rows beyond 2^53 at the largest exact number', () => {
    const [event] = new Conversation()
      .login()
      .client(query('DELETE FROM t'))
      .server(packet(1, '00 fe ffffffffffffffff 00 0200 0000'))
      .events();
    expect(event!.affected_rows).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('found by mutated captures', () => {
  it('holds a repeated segment of which the capture cut off what is new', () => {
    const edge = new Edge({
      origin: { edgeId: '', runUs: 0, serverId: 'db1' },
      ports: [3306],
      partitions: 1,
      onBatch: () => {},
    });
    const send = (bytes: Buffer, missing = 0) =>
      edge.onPacket(bytes, 0, bytes.length, bytes.length + missing, 1_000, 1);
    send(frame({ seq: 1000, flags: SYN }));
    send(frame({ fromClient: false, seq: 5000, ack: 1001, flags: SYN | ACK }));
    send(frame({ seq: 1001, ack: 5001, data: 'abcdefghij' }));
    // It acknowledges 50 bytes of the server that were not captured, so it waits.
    const whole = frame({ seq: 1001, ack: 5051, data: Buffer.alloc(100, 0x61) });
    send(Buffer.from(whole.subarray(0, whole.length - 98)), 98);
    expect(edge.tcpCounters.heldBytes).toBeGreaterThan(0);
    edge.end(2_000);
    expect(edge.tcpCounters.gapBytes).toBeGreaterThan(0);
  });
});
