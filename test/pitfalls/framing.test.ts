import { describe, expect, it } from 'vitest';
import { COLUMN, Conversation, losses, packet, query, result, rows } from '../support/conversation.ts';
import { Wire } from './wire.ts';

const OK = '00 00 00 0200 0000';

describe('framing and TCP', () => {
  it('pitfall 1: reads every MySQL packet of a segment, not only the first', () => {
    const events = new Wire()
      .open()
      .login()
      .client(Buffer.concat([query('SELECT 1'), packet(0, '0e'), query('SELECT 2')]))
      .server(Buffer.concat([result('1'), packet(1, OK), result('1', '2', '3')]))
      .events();
    expect(events.map((event) => [event.command, event.returned_rows])).toEqual([
      ['query', 1],
      ['ping', 0],
      ['query', 3],
    ]);
  });

  it('pitfall 2: reads a packet whose header is split over segments, at each of its bytes', () => {
    for (let cut = 1; cut <= 5; cut++) {
      const [request, response] = [query('SELECT 1'), result('1')];
      const wire = new Wire().open().login();
      wire.client(request.subarray(0, cut)).client(request.subarray(cut));
      wire.server(response.subarray(0, cut)).server(response.subarray(cut));
      expect(wire.events()).toMatchObject([{ statement_raw: 'SELECT 1', returned_rows: 1 }]);
    }
  });

  it('pitfall 3: joins payloads of 16 MiB, also where an empty packet ends an exact multiple', () => {
    const text = `SELECT '${'x'.repeat(0xff_ffff - 10)}'`;
    const whole = Buffer.from(`\x03${text}`);
    expect(whole).toHaveLength(0xff_ffff);
    const conversation = new Conversation().login().client(packet(0, whole), packet(1));
    const row = Buffer.alloc(0xff_ffff, 0x61);
    conversation.server(packet(2, '01'), packet(3, COLUMN), packet(4, row), packet(5), packet(6, 'fe 00 00 0200 0000'));
    conversation.client(query('SELECT 2')).server(result('1'));
    expect(conversation.events()).toMatchObject([
      { statement_bytes: text.length, completeness: 'complete', status: 'ok', returned_rows: 1 },
      { statement_raw: 'SELECT 2', returned_rows: 1 },
    ]);
  });

  it('pitfall 4: counts on where sequence ids wrap from 255 to 0 in a long result', () => {
    const lines = Array.from({ length: 600 }, (_, i) => packet(3 + i, '0131'));
    const end = packet(3 + 600, 'fe 00 00 0200 0000');
    const conversation = new Conversation().login().client(query('SELECT a'));
    for (const line of [packet(1, '01'), packet(2, COLUMN), ...lines, end]) conversation.server(line);
    conversation.client(query('SELECT 2')).server(result('1'));
    expect(conversation.events().map((event) => event.returned_rows)).toEqual([600, 1]);
  });

  it('pitfall 5: reads frames far above the MSS, as offload makes them', () => {
    const text = `SELECT '${'x'.repeat(60_000)}'`;
    const events = new Wire().open().login().client(query(text)).server(result('1')).events();
    expect(events).toMatchObject([{ statement_bytes: text.length, completeness: 'complete', returned_rows: 1 }]);
  });

  it('pitfall 6: takes copies, overlaps and late packets for what they are, and a reused port for another connection', () => {
    const wire = new Wire().open().login();
    const first = wire.nextOf(true, query('SELECT 1'));
    const whole = Buffer.from(first.data as Buffer);
    wire.capture({ ...first, data: whole.subarray(0, 7) });
    wire.capture({ ...first, seq: first.seq! + 3, data: whole.subarray(3) });
    wire.capture(first);
    const answer = wire.nextOf(false, result('1'));
    const next = wire.nextOf(true, query('SELECT 2'));
    wire.capture(next).capture(answer).server(result('1', '2'));
    const again = new Wire({ after: wire, seq: 9_000_000 })
      .open()
      .login()
      .client(query('SELECT 3'))
      .server(result('1'));
    const events = again.events();
    expect(events.map((event) => [event.statement_raw, event.returned_rows, event.completeness])).toEqual([
      ['SELECT 1', 1, 'complete'],
      ['SELECT 2', 2, 'complete'],
      ['SELECT 3', 1, 'complete'],
    ]);
    expect(new Set(events.map((event) => event.connection_uid)).size).toBe(2);
  });

  it('pitfall 6: marks only the commands a gap touches, in a request and in the middle of a result', () => {
    const lost = new Wire().open().login();
    lost.nextOf(true, query('SELECT 1'));
    lost.server(result('1')).client(query('SELECT 2'));
    const part = result('1', '2', '3', '4');
    lost.server(part.subarray(0, 50));
    lost.nextOf(false, part.subarray(50));
    lost.client(query('SELECT 3')).server(result('1'));
    const outputs = lost.outputs();
    expect(rows(outputs).filter((row) => row.command === 'query')).toMatchObject([
      { statement_raw: 'SELECT 2', status: 'unknown', completeness: 'gap' },
      { statement_raw: 'SELECT 3', status: 'ok', completeness: 'complete', returned_rows: 1 },
    ]);
    const gaps = losses(outputs).filter(({ reason }) => reason === 'gap');
    expect(gaps.map(({ bytes }) => bytes)).toEqual([13, part.length - 50]);
  });

  it('pitfall 7: does not take rows for requests where the capture begins inside a result', () => {
    const wire = new Wire({ seq: 7_000 });
    wire.server(Buffer.concat([packet(90, '09', Buffer.from('\x03DROP x ;')), packet(91, 'fe 00 00 0200 0000')]));
    wire.client(query('SELECT 1')).server(result('1'));
    expect(wire.events()).toMatchObject([{ statement_raw: 'SELECT 1', returned_rows: 1, completeness: 'midstream' }]);
  });

  it('pitfall 8: leaves out no packet by chance: all statements of many connections, the same ones each time', () => {
    const run = () => {
      const first = new Wire().open();
      const wires = [
        first,
        ...Array.from({ length: 99 }, (_, i) => new Wire({ after: first, clientPort: 40_001 + i }).open()),
      ];
      for (const wire of wires) wire.login();
      for (let i = 0; i < 5; i++) for (const wire of wires) wire.client(query(`SELECT ${i}`)).server(result('1'));
      return first.events();
    };
    const events = run();
    expect(events).toHaveLength(500);
    expect(events.every((event) => event.status === 'ok' && event.completeness === 'complete')).toBe(true);
    expect(run().map((event) => event.event_id)).toEqual(events.map((event) => event.event_id));
  });

  it('pitfall 9: reads a PROXY header in front of the greeting and names the client behind the proxy', () => {
    for (const header of [
      Buffer.from('PROXY TCP4 203.0.113.7 10.0.0.2 56324 3306\r\n'),
      Buffer.from('0d0a0d0a000d0a515549540a 2111000c cb007107 0a000002 dc04 0cea'.replaceAll(' ', ''), 'hex'),
    ]) {
      const wire = new Wire().open().client(header).login().client(query('SELECT 1')).server(result('1'));
      expect(rows(wire.outputs())).toMatchObject([
        { command: 'connect', client_address: '203.0.113.7', client_port: 56324 },
        { statement_raw: 'SELECT 1', client_address: '203.0.113.7', client_port: 56324, returned_rows: 1 },
      ]);
    }
  });
});
