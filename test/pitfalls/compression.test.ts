import { describe, expect, it } from 'vitest';
import { compressedFrame, zstdFrame } from '../fuzz/compressed-frame.ts';
import { Conversation, DEFAULT_CAPABILITIES, packet, query, result } from '../support/conversation.ts';

const COMPRESS = DEFAULT_CAPABILITIES | 0x20;
const ZSTD = (DEFAULT_CAPABILITIES | 0x400_0000) >>> 0;
const OK = packet(1, '00 00 00 0200 0000');

describe('compression', () => {
  it('pitfall 39: reads compressed frames after the OK of the login: stored ones, many packets in one, one packet over several', () => {
    const conversation = new Conversation().login(COMPRESS);
    conversation.client(compressedFrame(0, query('SELECT 1'), true)).server(compressedFrame(1, result('1')));
    const pipelined = Buffer.concat([query('SELECT 2'), packet(0, '0e')]);
    conversation
      .client(compressedFrame(0, pipelined))
      .server(compressedFrame(1, Buffer.concat([result('1', '2'), OK])));
    const long = query(`SELECT '${'x'.repeat(300)}'`);
    conversation.client(compressedFrame(0, long.subarray(0, 3), true), compressedFrame(1, long.subarray(3, 150)));
    conversation.client(compressedFrame(2, long.subarray(150))).server(compressedFrame(3, result('1', '2', '3')));
    expect(conversation.events().map((event) => [event.command, event.returned_rows, event.statement_bytes])).toEqual([
      ['query', 1, 8],
      ['query', 2, 8],
      ['ping', 0, 0],
      ['query', 3, 309],
    ]);
  });

  it('pitfall 39: reads zstd where that is agreed', () => {
    const conversation = new Conversation().login(ZSTD);
    conversation.client(zstdFrame(0, query('SELECT 1'))).server(zstdFrame(1, result('1', '2')));
    expect(conversation.events()).toMatchObject([{ statement_raw: 'SELECT 1', returned_rows: 2, status: 'ok' }]);
  });

  it('pitfall 39: does not make up what a zstd frame lacks of its announced length', () => {
    const short = zstdFrame(1, result('1', '2'));
    short.writeUIntLE(200, 4, 3);
    const conversation = new Conversation()
      .login(ZSTD)
      .client(zstdFrame(0, query('SELECT 1')))
      .server(short);
    conversation.client(zstdFrame(0, query('SELECT 2'))).server(zstdFrame(1, result('1')));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT 1', status: 'unknown' },
      { statement_raw: 'SELECT 2', status: 'ok', returned_rows: 1 },
    ]);
  });

  it.each([
    ['stored', (id: number, plain: Buffer) => compressedFrame(id, plain, true)],
    ['zlib', (id: number, plain: Buffer) => compressedFrame(id, plain)],
    ['zstd', zstdFrame],
  ])('pitfall 39: recognises compression without the login: %s', (_, framed) => {
    const conversation = new Conversation({ sawSyn: false });
    conversation.client(framed(0, query('SELECT 1'))).server(framed(1, result('1')));
    conversation.client(framed(0, query('SELECT 2'))).server(framed(1, result('1', '2')));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT 1', returned_rows: 1, completeness: 'midstream' },
      { statement_raw: 'SELECT 2', returned_rows: 2, completeness: 'midstream' },
    ]);
  });
});
