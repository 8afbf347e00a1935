import { describe, expect, it } from 'vitest';
import { ACK, FIN, RST, SYN } from '../../support/segment-builder.ts';
import { C, Conversation, S } from './conversation.ts';

const HOUR_US = 3600 * 1_000_000;

describe('closing', () => {
  it('closes when both halves have ended, and ignores what comes late', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'quit', FIN | ACK)
      .server(S, C + 5, '', FIN | ACK);
    t.client(C + 5, S + 1).client(C, S, 'quit', FIN | ACK);
    expect(t.end()).toEqual(['open', 'client: quit', 'close fin']);
    expect(t.table.counters).toMatchObject({ late: 2, connectionsOpen: 0 });
  });

  it('delivers what the server still sends after the FIN of the client', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'q', FIN | ACK)
      .server(S, C + 2, 'rest')
      .server(S + 4, C + 2, '', FIN | ACK);
    expect(t.end()).toEqual(['open', 'client: q', 'server: rest', 'close fin']);
  });

  it('keeps a FIN that comes before earlier data', () => {
    const t = new Conversation()
      .handshake()
      .client(C + 3, S, 'def', FIN | ACK)
      .client(C, S, 'abc')
      .server(S, C + 7, '', FIN | ACK);
    expect(t.end()).toEqual(['open', 'client: abcdef', 'close fin']);
  });

  it('ignores data after a FIN', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'abc', FIN | ACK)
      .client(C + 4, S, 'more');
    expect(t.end()).toEqual(['open', 'client: abc', 'close end_of_input']);
    expect(t.table.counters.afterFinBytes).toBe(4);
  });

  it.each([
    ['at the next byte', { seq: C + 3, flags: RST }, 'close rst'],
    ['of the server at its next byte', { fromClient: false, seq: S, ack: C + 3, flags: RST | ACK }, 'close rst'],
    ['far away', { seq: C + 50_000_000, flags: RST }, 'close end_of_input'],
    ['in the past', { seq: C, flags: RST }, 'close end_of_input'],
  ])('judges a RST %s', (_name, spec, close) => {
    const t = new Conversation().handshake().client(C, S, 'abc').packet(spec);
    expect(t.end()).toEqual(['open', 'client: abc', close]);
  });

  it('takes a RST ahead of missing bytes at its word after a second of silence', () => {
    const t = new Conversation()
      .handshake()
      .client(C + 10, S, '', RST)
      .wait(900_000);
    expect(t.events).toEqual(['open']);
    expect(t.wait(200_000).events).toEqual(['open', 'close rst']);
  });

  it('does not end for a RST ahead when the half goes on past it', () => {
    const t = new Conversation()
      .handshake()
      .client(C + 10, S, '', RST)
      .client(C, S, 'twelve bytes')
      .wait(2_000_000);
    expect(t.client(C + 12, S, '!').end()).toEqual(['open', 'client: twelve bytes!', 'close end_of_input']);
  });

  it('closes a refused connection', () => {
    const t = new Conversation().client(C - 1, 0, '', SYN).server(0, C, '', RST | ACK);
    expect(t.end()).toEqual(['open', 'close rst']);
  });

  it('closes a half that is alone in the capture at its FIN', () => {
    const t = new Conversation()
      .client(C - 1, 0, '', SYN)
      .client(C, S, 'login')
      .client(C + 5, S, '', FIN | ACK);
    expect(t.end()).toEqual(['open', 'client: login', 'close fin']);
  });

  it('takes one acknowledged byte with nothing after it for a FIN that was not captured', () => {
    const t = new Conversation()
      .handshake()
      .server(S, C, 'bye')
      .client(C, S + 4, '', FIN | ACK)
      .wait(200_000);
    expect(t.events).toEqual(['open', 'server: bye', 'close fin']);
    expect(t.table.counters.gaps).toBe(0);
  });

  it('takes it for a byte after all when more follows', () => {
    const t = new Conversation()
      .handshake()
      .server(S, C, 'a')
      .client(C, S + 2)
      .wait(200_000)
      .server(S + 2, C, 'c');
    expect(t.end()).toEqual(['open', 'server: a', 'server gap 1', 'server: c', 'close end_of_input']);
  });

  it('closes what is silent for the idle time, by the time of the packets', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'x')
      .wait(7 * HOUR_US);
    expect(t.events).toEqual(['open', 'client: x']);
    expect(t.wait(1.1 * HOUR_US).events).toEqual(['open', 'client: x', 'close idle']);
  });

  it('goes on midstream when an idle connection speaks again', () => {
    const t = new Conversation()
      .handshake()
      .client(C, S, 'x')
      .wait(9 * HOUR_US)
      .client(C + 1, S, 'again');
    expect(t.end().slice(2)).toEqual(['close idle', 'open midstream', 'client: again', 'close end_of_input']);
  });
});
