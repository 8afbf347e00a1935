// Hot path
import { ENDING, FRAGMENT_BYTES, MESSAGE_FLAG } from '../../schemas/message-batch.ts';
import type { Connection } from '../tcp/connection.ts';
import type { CloseReason, StreamHandler } from '../tcp/stream-handler.ts';
import { abandonPending, ClientMessages, COMMAND_LIMIT_BYTES } from './client-messages.ts';
import { connectionPartition, connectionUid } from './connection-uid.ts';
import type { HalfStream } from './half-stream.ts';
import type { MessageShipper } from './message-shipper.ts';
import { isCommandStart, isGreetingStart, isLoginStart, isResponseStart, isTlsRecord } from './plausible.ts';
import { ServerMessages } from './server-messages.ts';
import { PHASE, Session } from './session.ts';

const HEADER_BYTES = 4;
const LONGEST_PACKET = 0xff_ffff;

/** Cuts the two byte streams of each connection into MySQL messages and ships those that count. */
export class Framer implements StreamHandler {
  private readonly serverId: string;
  private readonly shipper: MessageShipper;
  private readonly clientMessages: ClientMessages;
  private readonly serverMessages: ServerMessages;

  constructor(serverId: string, shipper: MessageShipper) {
    this.serverId = serverId;
    this.shipper = shipper;
    this.clientMessages = new ClientMessages(shipper);
    this.serverMessages = new ServerMessages(shipper);
  }

  onOpen(connection: Connection): void {
    const uid = connectionUid(this.serverId, connection);
    connection.session = new Session(connection, uid, connectionPartition(uid, this.shipper.partitions));
  }

  onData(connection: Connection, fromClient: boolean, bytes: Buffer, start: number, end: number, timeUs: number): void {
    const session = connection.session as Session;
    (fromClient ? session.client : session.server).offset += end - start;
    if (session.phase === PHASE.tls || session.phase === PHASE.foreign) session.unreadableBytes += end - start;
    else if (fromClient) this.clientData(session, bytes, start, end, timeUs);
    else this.serverData(session, bytes, start, end, timeUs);
  }

  onGap(connection: Connection, fromClient: boolean, missingBytes: number, timeUs: number): void {
    const session = connection.session as Session;
    const half = fromClient ? session.client : session.server;
    this.shipper.gap(session, fromClient, half.offset, missingBytes, timeUs);
    half.offset += missingBytes;
    if (!half.isSynced || session.phase === PHASE.tls || session.phase === PHASE.foreign) return;
    const isWithin = half.headerBytes === HEADER_BYTES && missingBytes <= half.remaining;
    if (session.phase <= PHASE.auth) this.loseLogin(session, timeUs);
    else if (fromClient) this.clientGap(session, isWithin, missingBytes);
    else this.serverGap(session, isWithin, missingBytes, timeUs);
  }

  onClose(connection: Connection, _reason: CloseReason, timeUs: number): void {
    const session = connection.session as Session;
    this.endPartialCommand(session);
    abandonPending(session, this.shipper, timeUs);
    this.endLogin(session, timeUs);
    this.shipper.close(session, timeUs);
    connection.session = null;
  }

  private clientData(session: Session, bytes: Buffer, start: number, end: number, timeUs: number): void {
    const half = session.client;
    let at = start;
    if (!half.isSynced || session.phase === PHASE.start) {
      if (!this.findClientStart(session, bytes, start, end, timeUs)) {
        session.unreadableBytes += end - start;
        return;
      }
    }
    while (at < end) {
      if (half.headerBytes < HEADER_BYTES) {
        at = readHeader(half, bytes, at, end, timeUs);
        if (half.headerBytes < HEADER_BYTES) return;
        if (!half.isContinuation) half.isSkipping = !this.clientMessages.wants(session, half.sequenceId);
        const stop = at + half.packetBytes;
        if (stop <= end && !half.isSkipping && half.packets === 1 && half.packetBytes <= FRAGMENT_BYTES) {
          half.headerBytes = 0;
          half.packets = 0;
          this.clientMessages.message(session, bytes, at, stop, half.packetBytes, 0);
          at = stop;
        } else at = this.clientPacketPart(session, half, bytes, at, end, timeUs);
      } else at = this.clientPacketPart(session, half, bytes, at, end, timeUs);
      if (session.phase >= PHASE.unknown || !half.isSynced) {
        // It went TLS, or turned out not to be MySQL.
        session.unreadableBytes += end - at;
        return;
      }
    }
  }

  private clientPacketPart(
    session: Session,
    half: HalfStream,
    bytes: Buffer,
    at: number,
    end: number,
    timeUs: number,
  ): number {
    const stop = Math.min(end, at + half.remaining);
    this.keepCommand(session, half, bytes, at, stop);
    half.remaining -= stop - at;
    if (half.remaining === 0) {
      if (!half.isContinuation) half.commandUs = timeUs;
      this.endClientPacket(session, half);
    }
    return stop;
  }

  /** Keeps bytes of a command; those that fill a fragment are shipped at once, so that a long command needs no memory. */
  private keepCommand(session: Session, half: HalfStream, bytes: Buffer, start: number, end: number): void {
    let at = start;
    if (!half.isSkipping && !half.hasGap) {
      const stop = Math.min(end, at + COMMAND_LIMIT_BYTES - half.messageBytes);
      while (at < stop) {
        const taken = Math.min(stop, at + FRAGMENT_BYTES - half.keptBytes);
        half.keep(bytes, at, taken);
        at = taken;
        if (half.keptBytes === FRAGMENT_BYTES) {
          this.clientMessages.fragment(session, half.kept!, 0, half.keptBytes);
          half.keptBytes = 0;
        }
      }
    }
    half.messageBytes += end - start;
  }

  private endClientPacket(session: Session, half: HalfStream): void {
    half.headerBytes = 0;
    if (half.packetBytes === LONGEST_PACKET) {
      half.isContinuation = true;
      return;
    }
    const length = half.messageBytes;
    if (half.isSkipping) this.clientMessages.skipped(session, length);
    else {
      const flags = (half.hasGap ? MESSAGE_FLAG.gap : 0) | (length > COMMAND_LIMIT_BYTES ? MESSAGE_FLAG.truncated : 0);
      this.clientMessages.message(session, half.kept ?? NOTHING, 0, half.keptBytes, length, flags);
    }
    half.endMessage();
  }

  private serverData(session: Session, bytes: Buffer, start: number, end: number, timeUs: number): void {
    const half = session.server;
    let at = start;
    if (!half.isSynced && !this.findServerStart(session, bytes, start, end)) {
      if (session.pendingCount > 0) session.hasIgnoredResponse = true;
      session.unreadableBytes += end - start;
      return;
    }
    while (at < end) {
      if (half.headerBytes < HEADER_BYTES) {
        at = readHeader(half, bytes, at, end, timeUs);
        if (half.headerBytes < HEADER_BYTES) return;
        const stop = at + half.packetBytes;
        if (stop <= end && half.packets === 1 && half.packetBytes < LONGEST_PACKET) {
          half.headerBytes = 0;
          half.packets = 0;
          this.serverMessages.packet(
            session,
            bytes,
            at,
            stop,
            half.packetBytes === 0 ? -1 : bytes[at]!,
            half.packetBytes,
            timeUs,
          );
          at = stop;
          continue;
        }
      }
      at = this.serverPacketPart(session, half, bytes, at, end, timeUs);
    }
  }

  /** A packet over several segments: what it is shows at its first byte; only what ends a result is kept. */
  private serverPacketPart(
    session: Session,
    half: HalfStream,
    bytes: Buffer,
    at: number,
    end: number,
    timeUs: number,
  ): number {
    if (half.messageBytes === 0 && !half.isContinuation && half.remaining > 0) {
      if (at === end) return end;
      half.firstByte = bytes[at]!;
      half.isSkipping = !this.serverMessages.wants(session, half.firstByte, half.packetBytes);
    }
    const stop = Math.min(end, at + half.remaining);
    if (!half.isSkipping && half.keptBytes < FRAGMENT_BYTES)
      half.keep(bytes, at, Math.min(stop, at + FRAGMENT_BYTES - half.keptBytes));
    half.messageBytes += stop - at;
    half.remaining -= stop - at;
    if (half.remaining === 0) {
      half.headerBytes = 0;
      if (half.packetBytes === LONGEST_PACKET) half.isContinuation = true;
      else {
        const first = half.messageBytes === 0 ? -1 : half.firstByte;
        this.serverMessages.packet(session, half.kept ?? NOTHING, 0, half.keptBytes, first, half.messageBytes, timeUs);
        half.endMessage();
      }
    }
    return stop;
  }

  /** Looks for the beginning of a client's message at the start of a segment, and says what the connection is by it. */
  private findClientStart(session: Session, bytes: Buffer, start: number, end: number, timeUs: number): boolean {
    if (isTlsRecord(bytes, start, end)) {
      this.shipper.tls(session, timeUs, NOTHING, 0, 0);
      session.phase = PHASE.tls;
      return false;
    }
    if (!session.knowsCapabilities && isLoginStart(bytes, start, end)) session.phase = PHASE.login;
    else if (isCommandStart(bytes, start, end)) {
      session.isMidstream = true;
      session.phase = PHASE.command;
    } else return false;
    session.client.isSynced = true;
    return true;
  }

  private findServerStart(session: Session, bytes: Buffer, start: number, end: number): boolean {
    const half = session.server;
    if (session.phase === PHASE.unknown && isGreetingStart(bytes, start, end)) {
      session.phase = PHASE.start;
      session.isMidstream = false;
      session.client.isSynced = true;
    } else if (session.phase === PHASE.auth || session.phase === PHASE.login) {
      // A login without its greeting: the server's next packet answers it.
      if (!isResponseStart(bytes, start, end, 2)) return false;
    } else if (session.responseIsLost || session.pendingCount === 0) return false;
    else if (!isResponseStart(bytes, start, end, session.pendingNextId[session.pendingHead]!)) return false;
    half.isSynced = true;
    return true;
  }

  private clientGap(session: Session, isWithin: boolean, missingBytes: number): void {
    const half = session.client;
    if (isWithin && (half.isSkipping || half.messageBytes > 0)) {
      half.hasGap = true;
      half.messageBytes += missingBytes;
      half.remaining -= missingBytes;
      if (half.remaining === 0) this.endClientPacket(session, half);
      return;
    }
    this.endPartialCommand(session);
    half.loseSync();
  }

  private serverGap(session: Session, isWithin: boolean, missingBytes: number, timeUs: number): void {
    const half = session.server;
    session.responseHasGap = session.pendingCount > 0;
    if (isWithin && half.isSkipping && half.messageBytes > 0) {
      half.messageBytes += missingBytes;
      half.remaining -= missingBytes;
      if (half.remaining === 0) this.serverPacketPart(session, half, NOTHING, 0, 0, timeUs);
      return;
    }
    session.responseIsLost = session.pendingCount > 0;
    half.loseSync();
  }

  /** Ships what came of a command whose rest was lost. */
  private endPartialCommand(session: Session): void {
    const half = session.client;
    if (half.headerBytes < HEADER_BYTES && !half.isContinuation) return;
    if (half.isSkipping || session.phase !== PHASE.command || half.messageBytes === 0) return;
    const length = half.messageBytes + half.remaining;
    this.clientMessages.message(session, half.kept ?? NOTHING, 0, half.keptBytes, length, MESSAGE_FLAG.gap);
    half.endMessage();
  }

  /** Bytes of the login were lost: the connection goes on as one that is older than the capture. */
  private loseLogin(session: Session, timeUs: number): void {
    this.endLogin(session, timeUs);
    abandonPending(session, this.shipper, timeUs);
    session.isMidstream = true;
    session.phase = PHASE.unknown;
    session.client.loseSync();
    session.server.loseSync();
  }

  private endLogin(session: Session, timeUs: number): void {
    if (session.loginSequence === 0) return;
    this.shipper.response(session, session.loginSequence, 0, timeUs, ENDING.none, NOTHING, 0, 0);
    session.loginSequence = 0;
  }
}

/** Reads a packet header, which may come in pieces; returns where its bytes end. `headerBytes` is 4 once it is whole. */
function readHeader(half: HalfStream, bytes: Buffer, start: number, end: number, timeUs: number): number {
  let at = start;
  if (half.headerBytes === 0) {
    if (!half.isContinuation) half.commandUs = timeUs;
    half.header = 0;
    if (end - at >= HEADER_BYTES) {
      half.packetBytes = half.remaining = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
      half.sequenceId = bytes[at + 3]!;
      half.headerBytes = HEADER_BYTES;
      half.packets++;
      return at + HEADER_BYTES;
    }
  }
  while (at < end && half.headerBytes < HEADER_BYTES) {
    if (half.headerBytes === 3) half.sequenceId = bytes[at]!;
    else half.header |= bytes[at]! << (8 * half.headerBytes);
    half.headerBytes++;
    at++;
  }
  if (half.headerBytes === HEADER_BYTES) {
    half.packetBytes = half.remaining = half.header;
    half.packets++;
  }
  return at;
}

const NOTHING = Buffer.alloc(0);
