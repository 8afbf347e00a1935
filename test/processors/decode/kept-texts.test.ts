import { describe, expect, it } from 'vitest';
import { RestorableDecode } from '../../../processors/decode/restorable-decode.ts';
import { Conversation, DEFAULT_CAPABILITIES, decodeAll, packet, query, rows } from '../../support/conversation.ts';

const MIB = 1024 * 1024;
const LONG_BYTES = 8 * MIB;

describe('texts that are kept', () => {
  it('of prepared statements are bounded over all connections: those used longest ago are forgotten, and counted', () => {
    const decode = new RestorableDecode({ keepsRaw: false, tracksChanges: true });
    const clients = Array.from({ length: 20 }, (_, i) => new Conversation({ clientPort: 40_000 + i }).login());
    const used = clients[0]!;
    for (const client of clients) {
      client.client(prepare(`SELECT '${'x'.repeat(LONG_BYTES)}'`)).server(prepared());
      step(decode, client);
      step(decode, used.client(execute()).server(packet(1, '00 00 00 0200 0000')));
    }
    decode.takeChanged();
    expect(decode.counters.forgottenTexts).toBeGreaterThan(2);
    const second = clients[1]!.client(execute()).server(packet(1, '00 00 00 0200 0000'));
    expect(executed(decode, second)).toMatchObject({ completeness: 'midstream', statement_bytes: 0 });
    expect(executed(decode, used.client(execute()))).toMatchObject({ completeness: 'complete' });
  });

  it('of commands without a response are bounded: the oldest long ones go on with an unknown status, short ones stay', () => {
    const decode = new RestorableDecode({ keepsRaw: false });
    const short = new Conversation().login().client(query('SELECT 1'));
    step(decode, short);
    const outputs = Array.from({ length: 20 }, (_, i) =>
      step(
        decode,
        new Conversation({ clientPort: 41_000 + i }).login().client(query(`SELECT '${'x'.repeat(LONG_BYTES)}'`)),
      ),
    );
    const given = rows(outputs.flat()).filter((row) => row.command === 'query');
    expect(given.length).toBe(decode.counters.forgottenTexts);
    expect(given.length).toBeGreaterThan(2);
    expect(given.every((row) => row.status === 'unknown')).toBe(true);
    expect(executed(decode, short.server(packet(1, '00 00 00 0200 0000')), 'query')).toMatchObject({ status: 'ok' });
  });

  it('are found to be few where many statements came and went', () => {
    const decode = new RestorableDecode({ keepsRaw: false });
    const client = new Conversation().login(DEFAULT_CAPABILITIES);
    for (let n = 0; n < 40; n++) {
      client.client(query(`SELECT '${'x'.repeat(LONG_BYTES)}'`)).server(packet(1, '00 00 00 0200 0000'));
      step(decode, client);
    }
    expect(decode.counters.forgottenTexts).toBe(0);
  });
});

function step(decode: RestorableDecode, client: Conversation) {
  return decodeAll(client.taken(), decode);
}

function executed(decode: RestorableDecode, client: Conversation, command = 'execute') {
  client.client(packet(0, '0e'));
  return rows([...step(decode, client), ...decodeAll(client.end(), decode)]).find((row) => row.command === command);
}

function prepare(sql: string): Buffer {
  return packet(0, '16', Buffer.from(sql));
}

function prepared(): Buffer {
  return packet(1, '00 01000000 0000 0000 00 0000');
}

function execute(): Buffer {
  return packet(0, '17 01000000 00 01000000');
}
