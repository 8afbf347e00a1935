import { describe, expect, it } from 'vitest';
import { ipv4, ipv6, tcpSegment } from '../../support/segment-builder.ts';
import { hex, QUERY, start, V6 } from './decoding.ts';

describe('fragments', () => {
  const payload = tcpSegment({ ...QUERY, data: 'the quick brown fox jumps over the lazy dog' });
  const MORE = 0x2000;

  /** @param list Start and end within the payload, of which all but the last end at a multiple of 8. */
  function v4(list: readonly [number, number][], id = 7, source: Buffer = payload): Buffer[] {
    return list.map(([from, to]) =>
      ipv4('10.0.0.1', '10.0.0.2', source.subarray(from, to), {
        id,
        fragment: (to < source.length ? MORE : 0) | (from / 8),
      }),
    );
  }

  const ALL: [number, number][] = [
    [0, 24],
    [24, 40],
    [40, payload.length],
  ];
  it.each([
    ['in order', [0, 1, 2]],
    ['reversed', [2, 1, 0]],
    ['with copies', [1, 1, 2, 1, 2, 0]],
  ])('joins IPv4 fragments that come %s', (_name, order) => {
    const t = start();
    for (const i of order) t.packet(v4(ALL)[i]!, 101);
    expect(t.text()).toBe('the quick brown fox jumps over the lazy dog');
    expect(t.decoder.counters).toMatchObject({ fragmentsReassembled: 1, fragmentsPending: 0, fragmentsDropped: 0 });
  });

  it('joins IPv6 fragments, with extensions in front and inside', () => {
    const t = start();
    const inside = Buffer.concat([hex('06 00 0104 00000000'), payload]);
    for (const [from, to] of [
      [32, inside.length],
      [0, 32],
    ] as const) {
      const header = hex('3c 00 0000 12345678');
      header.writeUInt16BE(from | (to < inside.length ? 1 : 0), 2);
      const packet = Buffer.concat([hex('2c 00 0104 00000000'), header, inside.subarray(from, to)]);
      t.packet(ipv6(V6.clientAddress, V6.serverAddress, packet, 0), 101);
    }
    expect(t.text()).toBe('the quick brown fox jumps over the lazy dog');
  });

  it('keeps the first copy where fragments overlap, and counts', () => {
    const t = start();
    const other = Buffer.from(payload).fill(0x58, 20);
    t.packet(v4([[24, 40]])[0]!, 101);
    t.packet(v4([[16, 48]], 7, other)[0]!, 101);
    t.packet(v4([[0, 24]])[0]!, 101);
    t.packet(v4([[40, payload.length]])[0]!, 101);
    expect(t.text()).toBe('XXXXquick brown fox XXXXXXXXer the lazy dog');
    expect(t.decoder.counters.fragmentOverlapBytes).toBe(16 + 8 + 8);
  });

  it('keeps datagrams apart by their identification', () => {
    const t = start();
    const second = tcpSegment({ ...QUERY, seq: 100 + payload.length - 20, data: '!'.repeat(43) });
    for (const i of [0, 1, 2]) {
      t.packet(v4(ALL, 7)[i]!, 101);
      t.packet(v4(ALL, 8, second)[i]!, 101);
    }
    expect(t.text()).toBe(`the quick brown fox jumps over the lazy dog${'!'.repeat(43)}`);
  });

  it('drops what is not complete after 30 s', () => {
    const t = start();
    t.packet(v4(ALL)[0]!, 101);
    t.wait(29_000_000);
    expect(t.decoder.counters.fragmentsPending).toBe(1);
    t.wait(2_000_000);
    expect(t.decoder.counters).toMatchObject({ fragmentsPending: 0, fragmentsDropped: 1 });
  });

  it('keeps no more than 1024 datagrams', () => {
    const t = start();
    for (let id = 0; id < 1100; id += 1) t.packet(v4([[0, 24]], id)[0]!, 101);
    expect(t.decoder.counters).toMatchObject({ fragmentsPending: 1024, fragmentsDropped: 76 });
  });

  it('keeps no more than 4 MiB', () => {
    const t = start();
    const large = tcpSegment({ ...QUERY, data: 'x'.repeat(60_000) });
    for (let id = 0; id < 100; id += 1) t.packet(v4([[0, 56_000]], id, large)[0]!, 101);
    expect(t.decoder.counters.fragmentsPending).toBe(73);
  });

  it.each([
    ['beyond 64 KiB', { fragment: 0x1fff }, 64],
    ['of a length that is no multiple of 8', { fragment: MORE }, 23],
    ['of no bytes', { fragment: MORE | 3 }, 0],
  ])('drops a datagram with a fragment %s', (_name, fields, length) => {
    const t = start();
    t.packet(ipv4('10.0.0.1', '10.0.0.2', Buffer.alloc(length), fields), 101);
    expect(t.decoder.counters).toMatchObject({ fragmentsPending: 0, fragmentsDropped: 1 });
  });

  it('drops a datagram whose fragments disagree about its end', () => {
    const t = start();
    for (const end of [48, 56])
      t.packet(ipv4('10.0.0.1', '10.0.0.2', Buffer.alloc(8), { fragment: (end - 8) / 8 }), 101);
    expect(t.decoder.counters).toMatchObject({ fragmentsPending: 0, fragmentsDropped: 1 });
  });
});
