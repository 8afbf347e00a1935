import type { MessageShipper } from './message-shipper.ts';
import { HEADER_BYTES } from './packet-header.ts';
import { isCommandStart, isGreetingStart, isLoginStart, isResponseStart, isTlsStart } from './plausible.ts';
import { PHASE, type Session } from './session.ts';

/** Looks for the beginning of a client's message at the start of a segment, and says what the connection is by it. */
export function findClientStart(
  session: Session,
  shipper: MessageShipper,
  bytes: Buffer,
  start: number,
  end: number,
  timeUs: number,
): boolean {
  // A login that was seen has said whether TLS follows.
  if (!session.knowsCapabilities && isTlsStart(bytes, start, end)) {
    shipper.tls(session, timeUs, NOTHING, 0, 0);
    session.phase = PHASE.tls;
    return false;
  }
  // Of a connection seen from its beginning the client's first packet is its login, number 1: another protocol, MySQL's X or MongoDB's.
  if (
    session.phase === PHASE.start &&
    session.unreadableBytes === 0 &&
    end - start > HEADER_BYTES &&
    bytes[start + 3] !== 1
  ) {
    session.phase = PHASE.foreign;
    return false;
  }
  if (!session.knowsCapabilities && isLoginStart(bytes, start, end)) session.phase = PHASE.login;
  else if ((session.clientFrames?.sequenceId ?? 0) === 0 && isCommandStart(bytes, start, end)) {
    session.isMidstream = true;
    session.phase = PHASE.command;
  } else return false;
  session.client.isSynced = true;
  return true;
}

/** Looks for the greeting, or for the response to the oldest pending command, at the start of a server's segment. */
export function findServerStart(session: Session, bytes: Buffer, start: number, end: number): boolean {
  const half = session.server;
  if (session.phase === PHASE.unknown && isGreetingStart(bytes, start, end)) {
    session.phase = PHASE.start;
    session.isMidstream = false;
    session.client.isSynced = true;
  } else if (session.phase === PHASE.auth || session.phase === PHASE.login) {
    // A login without its greeting, or a COM_CHANGE_USER after a response that was lost: the server's next packet answers it.
    const sequenceId = session.pending.count > 0 ? session.pending.nextId : 2;
    if (!isResponseStart(bytes, start, end, sequenceId)) return false;
  } else if (session.responseIsLost || session.pending.count === 0) return false;
  else if (!isResponseStart(bytes, start, end, session.pending.nextId)) return false;
  half.isSynced = true;
  return true;
}

const NOTHING = Buffer.alloc(0);
