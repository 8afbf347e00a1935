import type { KnownServer, KnownSession } from './known-session.ts';

/** What is known of a captured connection. Times are µs since the epoch, by the edge's clock. */
export interface CapturedLife {
  /** Its first and its last captured packet, so far. */
  readonly firstUs: number;
  readonly lastUs: number;
  /** Null while its end was not captured. */
  readonly endUs: number | null;
  /** The server's thread id where it was captured; else 0. */
  readonly connectionId: number;
}

/** How far the clocks of watcher and edge may be apart; both keep time by NTP. */
export const CLOCK_MARGIN_US = 1_000_000;
/** Servers tell Time in whole seconds, as the difference of two that are cut off. */
const TIME_SLACK_US = 2_000_000;
/** Uptime is in whole seconds too, and was asked for over a network. */
const START_MARGIN_US = 5_000_000;

/**
 * Whether a session from the same address and port is the captured connection. Ports are used again, so this alone says nothing: there
 * must be a moment at which both were open, because only one connection has a port at a time.
 *
 * - The session must have been there at a reading that was asked for behind the connection's first packet: an old answer names no
 *   new connection.
 * - It must have been open, for certain, before the connection's last packet so far: a newer session on the same port names no
 *   older connection. Where no end of the connection was captured, Time of the process list may stand for certainty; and where
 *   it lacks no more than its own rounding, that nothing came since.
 * - Where the thread id was captured, it decides, within one life of the server.
 *
 * @param isSettled Whatever was captured until that reading has been looked at.
 */
export function isSameConnection(
  life: CapturedLife,
  session: KnownSession,
  server: KnownServer,
  isSettled: boolean,
): boolean {
  if (life.connectionId !== 0) {
    return (
      life.connectionId === session.connectionId &&
      server.startedUs <= life.firstUs + START_MARGIN_US &&
      session.lastAskedUs + CLOCK_MARGIN_US >= life.firstUs
    );
  }
  if (session.lastAskedUs < life.firstUs + CLOCK_MARGIN_US) return false;
  const lastUs = life.endUs === null ? life.lastUs : Math.min(life.lastUs, life.endUs);
  if (session.sinceUs + CLOCK_MARGIN_US <= lastUs) return true;
  if (life.endUs !== null) return false;
  if (session.idleSinceUs + CLOCK_MARGIN_US <= lastUs) return true;
  return isSettled && session.idleSinceUs <= lastUs + TIME_SLACK_US + CLOCK_MARGIN_US;
}

/**
 * The same where the session's address is not known, only its port, which no other session of the server has: the connection must
 * have been open before and behind a whole reading, so that it is in it.
 */
export function isOnlyConnection(life: CapturedLife, server: KnownServer): boolean {
  return (
    life.connectionId === 0 &&
    server.askedUs >= life.firstUs + CLOCK_MARGIN_US &&
    server.answeredUs + CLOCK_MARGIN_US <= life.lastUs
  );
}
