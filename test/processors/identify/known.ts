import type { KnownServer, KnownSession } from '../../../processors/identify/known-session.ts';

export const SECOND = 1e6;

/** A session of alice from 10.0.0.7:40000. Times in seconds. */
export function knownSession(
  given: { id?: number; since?: number; idleSince?: number; lastAsked?: number; goneBy?: number } = {},
): KnownSession {
  const since = given.since ?? 10;
  return {
    connectionId: given.id ?? 7,
    clientAddresses: ['10.0.0.7'],
    clientPort: 40_000,
    userName: 'alice',
    userSinceUs: since * SECOND,
    userBeforeUntilUs: 0,
    databaseName: '',
    databaseSinceUs: since * SECOND,
    clientProgram: '',
    sinceUs: since * SECOND,
    idleSinceUs: (given.idleSince ?? since) * SECOND,
    lastAskedUs: (given.lastAsked ?? 110) * SECOND,
    goneByUs: (given.goneBy ?? Number.POSITIVE_INFINITY) * SECOND,
  };
}

export function knownServer(given: { started?: number; asked?: number; answered?: number } = {}): KnownServer {
  const asked = given.asked ?? 110;
  return {
    serverId: 'db7',
    startedUs: (given.started ?? 0) * SECOND,
    askedUs: asked * SECOND,
    answeredUs: (given.answered ?? asked) * SECOND,
  };
}
