import { describe, expect, it } from 'vitest';
import { type CapturedLife, isOnlyConnection, isSameConnection } from '../../../processors/identify/same-connection.ts';
import { knownServer, knownSession, SECOND } from './known.ts';

/** Captured from 100 s to 120 s. */
function life(given: { first?: number; last?: number; end?: number; id?: number } = {}): CapturedLife {
  return {
    firstUs: (given.first ?? 100) * SECOND,
    lastUs: (given.last ?? 120) * SECOND,
    endUs: given.end === undefined ? null : given.end * SECOND,
    connectionId: given.id ?? 0,
  };
}

type Case = [
  what: string,
  life: Parameters<typeof life>[0],
  session: Parameters<typeof knownSession>[0],
  isSettled: boolean,
  isSame: boolean,
];

const CASES: readonly Case[] = [
  ['both were open at a reading', {}, { since: 10, lastAsked: 110 }, false, true],
  ['the last reading that showed it is older than the connection: an old answer', {}, { lastAsked: 95 }, true, false],
  ['that reading is within what the clocks may be apart', {}, { lastAsked: 100.5 }, true, false],
  ['it was first seen behind the last packet: it may be a newer one', {}, { since: 125, lastAsked: 125 }, true, false],
  ['it was first seen between two packets', {}, { since: 110, lastAsked: 110 }, false, true],
  [
    'it was first seen later, but is idle since before the last packet',
    {},
    { since: 125, idleSince: 118, lastAsked: 125 },
    false,
    true,
  ],
  [
    'the same, but the connection is over: Time may be anything',
    { end: 121 },
    { since: 125, idleSince: 118, lastAsked: 125 },
    true,
    false,
  ],
  [
    'it is over, and the session was open before its last packet',
    { end: 121 },
    { since: 110, lastAsked: 110 },
    false,
    true,
  ],
  [
    'idle since the last packet but for the rounding, and all was looked at',
    { last: 100 },
    { since: 125, idleSince: 101.9, lastAsked: 125 },
    true,
    true,
  ],
  [
    'the same, while something may still be on its way',
    { last: 100 },
    { since: 125, idleSince: 101.9, lastAsked: 125 },
    false,
    false,
  ],
  ['the same, but over', { last: 100, end: 100.5 }, { since: 125, idleSince: 101.9, lastAsked: 125 }, true, false],
  [
    'idle since long behind the last packet',
    { last: 100 },
    { since: 125, idleSince: 110, lastAsked: 125 },
    true,
    false,
  ],
  [
    'the thread id was captured, and is its own',
    { id: 7, first: 100, last: 100 },
    { since: 125, lastAsked: 125 },
    false,
    true,
  ],
  ['the thread id was captured, and is another', { id: 8 }, { since: 10, lastAsked: 110 }, true, false],
  ['the thread id is its own, of a reading before the login', { id: 7 }, { since: 10, lastAsked: 95 }, true, false],
];

describe('isSameConnection', () => {
  it.each(CASES)('%s', (_, captured, session, isSettled, isSame) => {
    expect(isSameConnection(life(captured), knownSession(session), knownServer(), isSettled)).toBe(isSame);
  });

  it('takes no thread id across a restart of the server', () => {
    const restarted = knownServer({ started: 106 });
    expect(isSameConnection(life({ id: 7 }), knownSession({ since: 107, lastAsked: 110 }), restarted, true)).toBe(
      false,
    );
  });
});

describe('isOnlyConnection', () => {
  it.each([
    ['spoke before and behind a whole reading', {}, { asked: 110, answered: 110.2 }, true],
    ['has not spoken since the reading', { last: 110 }, { asked: 110, answered: 110.2 }, false],
    ['spoke first while it was read', { first: 110.1 }, { asked: 110, answered: 110.2 }, false],
    ['has a thread id of its own', { id: 7 }, { asked: 110, answered: 110.2 }, false],
  ] as const)('a connection that %s', (_, captured, server, isOnly) => {
    expect(isOnlyConnection(life(captured), knownServer(server))).toBe(isOnly);
  });
});
