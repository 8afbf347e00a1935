// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import { CAPABILITY } from '../../protocol/capabilities.ts';
import { COMMAND, COMMAND_NAME, COMMAND_RESPONSE, RESPONSE } from '../../protocol/commands.ts';
import { readHandshakeResponse } from '../../protocol/messages/handshake-response.ts';
import { ENDING, MESSAGE_FLAG } from '../../schemas/message-batch.ts';
import type { MessageShipper } from './message-shipper.ts';
import { DOUBT, EOF_USE, EXPECT, PHASE, type Session } from './session.ts';

/**
 * A command is shipped whole up to this length, 64 MiB (MySQL's default max_allowed_packet); beyond it, it is cut, marked
 * `truncated`, and its true length and hash told. A multiple of FRAGMENT_BYTES, so that nothing is kept when it is reached.
 */
export const COMMAND_LIMIT_BYTES = 64 * 1024 * 1024;

/** Commands without a response that are remembered; no client pipelines that many, so their responses are lost. */
const MAX_PENDING = 10_000;

/** A login answers the greeting, which is packet 0. */
const LOGIN_SEQUENCE_ID = 1;

/** What a session does with the messages of its client. Moves the session on and ships what goes on. */
export class ClientMessages {
  private readonly shipper: MessageShipper;
  private readonly reader = new ByteReader();

  constructor(shipper: MessageShipper) {
    this.shipper = shipper;
  }

  /** Whether the bytes of the message that begins are to be kept; those of files and of auth data are not. */
  wants(session: Session, sequenceId: number): boolean {
    if (session.phase === PHASE.login) return true;
    if (session.phase !== PHASE.command && session.phase !== PHASE.auth) return false;
    // Packets of a file; where the server's answer to it was lost, the file has an end all the same.
    if (session.pending.count > 0 && session.expect === EXPECT.infile && !session.responseIsLost) return false;
    // A command is packet 0. Inside compressed frames no server looks at the numbers, but at those of the frames.
    if (sequenceId === 0) return true;
    if (!session.isCompressed || isAuthExchange(session)) return false;
    return session.server.isSynced || session.clientFrames!.sequenceId === 0;
  }

  /** A message that was kept and is whole, or whole but for `flags`. `length` is its true length. */
  message(session: Session, bytes: Buffer, start: number, end: number, length: number, flags: number): void {
    if (session.phase === PHASE.login) this.login(session, bytes, start, end);
    else if (session.phase !== PHASE.foreign) this.command(session, bytes, start, end, length, flags);
  }

  /** A part of a long command, in order; the rest follows by `message`. */
  fragment(session: Session, bytes: Buffer, start: number, end: number): void {
    const { client } = session;
    if (session.phase === PHASE.login || session.phase === PHASE.foreign) {
      // No login is that long.
      session.phase = PHASE.foreign;
      return;
    }
    this.shipper.command(session, MESSAGE_FLAG.moreFragments, client.commandUs, 0, bytes, start, end);
    if (session.fragmentSequence === 0) {
      session.fragmentSequence = session.sequence;
      session.fragmentCommand = bytes[start]!;
    }
  }

  /** A message whose bytes were counted only. */
  skipped(session: Session, length: number): void {
    if (session.expect === EXPECT.infile && session.pending.count > 0) {
      session.furtherRequestBytes += length;
      // The empty packet ends the file; the server's OK or ERR is next.
      if (length === 0) session.expect = EXPECT.first;
    } else if (session.phase !== PHASE.auth && !isAuthExchange(session)) session.unreadableBytes += length;
  }

  private login(session: Session, bytes: Buffer, start: number, end: number): void {
    const timeUs = session.client.commandUs;
    const login = readHandshakeResponse(this.reader.reset(bytes, start, end));
    // A later number is that of auth data, which would be shipped as a user name.
    if (login === null || session.client.sequenceId !== LOGIN_SEQUENCE_ID) {
      session.phase = PHASE.foreign;
      session.unreadableBytes += end - start;
      return;
    }
    if (login.isSslRequest) {
      this.shipper.tls(session, timeUs, bytes, start, end);
      session.phase = PHASE.tls;
      return;
    }
    // A greeting that was not seen cannot forbid anything: the client only asks for what the server offered.
    const offered = session.serverCapabilities === 0 ? login.capabilities : session.serverCapabilities;
    session.capabilities = (login.capabilities & offered) >>> 0;
    session.mariadbCapabilities =
      session.serverCapabilities === 0
        ? login.mariadbCapabilities
        : login.mariadbCapabilities & session.serverMariadbCapabilities;
    session.knowsCapabilities = true;
    session.eof = session.capabilities & CAPABILITY.deprecateEof ? EOF_USE.deprecated : EOF_USE.sent;
    this.shipper.login(session, login, timeUs, bytes, start, end);
    session.loginSequence = session.sequence;
    session.phase = PHASE.auth;
  }

  private command(session: Session, bytes: Buffer, start: number, end: number, length: number, flags: number): void {
    const { client } = session;
    const isContinued = session.fragmentSequence !== 0;
    // The server takes an empty packet for COM_SLEEP.
    const command = isContinued ? session.fragmentCommand : start < end ? bytes[start]! : COMMAND.sleep;
    if (session.isMidstream && COMMAND_NAME[command] === '') {
      // Where the place in the stream was only found by its looks, it may be wrong.
      session.unreadableBytes += length;
      client.loseSync();
      return;
    }
    if (session.expect === EXPECT.stream) {
      // Acknowledgements of a replica: the server reads no commands while it streams.
      session.furtherRequestBytes += length;
      return;
    }
    session.settleDoubt();
    // A client goes on once it has its response: one that was lost will not come any more.
    if (
      session.responseIsLost ||
      (session.hasIgnoredResponse && !session.server.isSynced) ||
      (session.doubt === DOUBT.spoken && session.responseBytes === 0) ||
      session.pending.count >= MAX_PENDING
    )
      abandonPending(session, this.shipper, client.commandUs);
    this.shipper.command(session, flags, client.commandUs, length, bytes, start, end);
    const sequence = isContinued ? session.fragmentSequence : session.sequence;
    session.fragmentSequence = 0;
    const shape = COMMAND_RESPONSE[command]!;
    if (shape === RESPONSE.none) return;
    session.pending.add(sequence, shape, (client.sequenceId + 1) & 0xff);
  }
}

/** The server has asked for more in answer to the oldest command, a COM_CHANGE_USER. */
function isAuthExchange(session: Session): boolean {
  return session.pending.count > 0 && session.pending.shape === RESPONSE.auth && session.responseBytes > 0;
}

/** Ends all pending commands without a response: theirs was not captured. */
export function abandonPending(session: Session, shipper: MessageShipper, timeUs: number): void {
  // With several, the responses to the later ones may still come, and nothing tells whose they are.
  if (session.pending.count > 1) session.doubt = DOUBT.fresh;
  while (session.pending.count > 0) {
    const flags = session.responseHasGap || session.responseIsLost ? MESSAGE_FLAG.gap : 0;
    shipper.response(session, session.pending.sequence, flags, timeUs, ENDING.none, NOTHING, 0, 0);
    session.dropOldestPending();
  }
  session.responseIsLost = false;
  session.hasIgnoredResponse = false;
}

const NOTHING = Buffer.alloc(0);
