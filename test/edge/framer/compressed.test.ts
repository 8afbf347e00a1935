import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Conversation, DEFAULT_CAPABILITIES, losses, query, result } from '../../support/conversation.ts';

describe('compressed connections', () => {
  const COMPRESS = DEFAULT_CAPABILITIES | 0x20;
  const frame = (sequenceId: number, plain: Buffer, isStored = false): Buffer => {
    const payload = isStored ? plain : deflateSync(plain);
    const header = Buffer.alloc(7);
    header.writeUIntLE(payload.length, 0, 3);
    header[3] = sequenceId;
    header.writeUIntLE(isStored ? 0 : plain.length, 4, 3);
    return Buffer.concat([header, payload]);
  };

  it('are read whether frames are compressed or stored, and where a packet goes over two frames', () => {
    const long = query(`SELECT '${'x'.repeat(200)}'`);
    const conversation = new Conversation().login(COMPRESS);
    conversation.client(frame(0, query('SELECT 1'), true)).server(frame(1, result('1')));
    conversation
      .client(frame(0, long.subarray(0, 100)), frame(1, long.subarray(100)))
      .server(frame(1, result('1', '2')));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT 1', returned_rows: 1 },
      { statement_masked: 'SELECT ?', returned_rows: 2, statement_bytes: 209 },
    ]);
  });

  it('are read where they are compressed with zstd', () => {
    // zstd -3 of a COM_QUERY packet of 58 bytes
    const zstd = '28b52ffd0458cd000098360000000353454c45435420277a73746420270100a02c61b9f347c0';
    const header = Buffer.alloc(7);
    header.writeUIntLE(zstd.length / 2, 0, 3);
    header.writeUIntLE(58, 4, 3);
    const conversation = new Conversation().login(DEFAULT_CAPABILITIES | 0x400_0000);
    conversation.client(header, zstd).server(frame(1, result('1'), true));
    const text = "SELECT 'zstd zstd zstd zstd zstd zstd zstd zstd zstd'";
    expect(conversation.events()).toMatchObject([{ statement_raw: text, returned_rows: 1 }]);
  });

  it('are recognised without their login', () => {
    const conversation = new Conversation({ sawSyn: false })
      .client(frame(0, query('SELECT 1'), true))
      .server(frame(1, result('1')));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT 1', returned_rows: 1, completeness: 'midstream' },
    ]);
  });

  it('lose the commands of a frame that is damaged, and go on with the next', () => {
    const broken = frame(1, result('1', '2', '3'));
    broken[20]! ^= 0xff;
    const conversation = new Conversation().login(COMPRESS);
    conversation
      .client(frame(0, query('SELECT 1')))
      .server(broken)
      .client(frame(0, query('SELECT 2')))
      .server(frame(1, result('1')));
    expect(conversation.events()).toMatchObject([
      { statement_raw: 'SELECT 1', status: 'unknown' },
      { statement_raw: 'SELECT 2', status: 'ok', returned_rows: 1 },
    ]);
  });

  it('are not taken to be compressed from eight bytes that end there', () => {
    const outputs = new Conversation({ sawSyn: false }).client('01000005 010000 78').outputs();
    expect(losses(outputs)).toMatchObject([{ reason: 'unreadable', bytes: 8 }]);
  });
});
