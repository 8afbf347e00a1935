import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMN, Conversation, packet, query, WITHOUT_DEPRECATE_EOF } from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';
/** ERR 1064, 42000, "near 'x'" */
const ERR_1064 = 'ff 2804 23 3432303030 6e656172202778 27';

describe('any bytes', () => {
  const story = (): Conversation => {
    const conversation = new Conversation().login(WITHOUT_DEPRECATE_EOF);
    return conversation;
  };
  const requests = [
    query('SELECT 1'),
    packet(0, '16', Buffer.from('SELECT ?')),
    query("INSERT INTO t VALUES ('x')"),
    packet(0, '0e'),
    packet(0, '01'),
  ];
  const responses = [
    Buffer.concat([packet(1, '01'), packet(2, COLUMN), packet(3, EOF), packet(4, '0131'), packet(5, EOF)]),
    Buffer.concat([
      packet(1, '00 05000000 0100 0100 00 0000'),
      packet(2, COLUMN),
      packet(3, EOF),
      packet(4, COLUMN),
      packet(5, EOF),
    ]),
    packet(1, ERR_1064),
    packet(1, OK),
    Buffer.alloc(0),
  ];
  const withoutTimes = (events: ReturnType<Conversation['events']>) =>
    events.map(({ event_time: _, duration_us: __, first_row_us: ___, ...row }) => row);

  it('gives the same events wherever the segments are cut', () => {
    const whole = story();
    for (const [i, request] of requests.entries()) whole.client(request).server(responses[i]!);
    const expected = withoutTimes(whole.events());
    expect(expected).toHaveLength(5);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const cut = story();
        let turn = 0;
        const pieces = (bytes: Buffer, send: (piece: Buffer) => void) => {
          for (let at = 0; at < bytes.length; ) {
            const size = sizes[turn++ % sizes.length]!;
            send(bytes.subarray(at, at + size));
            at += size;
          }
        };
        for (const [i, request] of requests.entries()) {
          pieces(request, (piece) => cut.client(piece));
          pieces(responses[i]!, (piece) => cut.server(piece));
        }
        expect(withoutTimes(cut.events())).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('never throws, whatever comes from either side and whatever is missing', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('data' as const),
        fromClient: fc.boolean(),
        bytes: fc.uint8Array({ maxLength: 60 }),
      }),
      fc.record({
        kind: fc.constant('packet' as const),
        fromClient: fc.boolean(),
        bytes: fc.uint8Array({ maxLength: 60 }),
      }),
      fc.record({
        kind: fc.constant('gap' as const),
        fromClient: fc.boolean(),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
      }),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.array(step, { maxLength: 40 }), (sawSyn, loggedIn, steps) => {
        const conversation = new Conversation({ sawSyn });
        if (loggedIn) conversation.login();
        for (const { kind, fromClient, bytes } of steps) {
          const data = kind === 'packet' ? packet(fromClient ? 0 : 1, Buffer.from(bytes)) : Buffer.from(bytes);
          if (kind === 'gap') conversation.gap(fromClient, data.length);
          else if (fromClient) conversation.client(data);
          else conversation.server(data);
        }
        expect(conversation.outputs().length).toBeGreaterThanOrEqual(loggedIn ? 1 : 0);
      }),
      { numRuns: 2_000 },
    );
  });
});
