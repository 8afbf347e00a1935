// Hot path
import { ENDING } from '../../schemas/message-batch.ts';
import type { Connection } from '../tcp/connection.ts';
import type { CloseReason, StreamHandler } from '../tcp/stream-handler.ts';
import { abandonPending, ClientMessages } from './client-messages.ts';
import { ClientPackets } from './client-packets.ts';
import { isCompressedStart } from './compressed-stream.ts';
import { connectionPartition, connectionUid } from './connection-uid.ts';
import { FrameMemory } from './frame-memory.ts';
import { FramerCounters } from './framer-counters.ts';
import type { MessageShipper } from './message-shipper.ts';
import { HEADER_BYTES } from './packet-header.ts';
import { isCommandStart } from './plausible.ts';
import { ServerMessages } from './server-messages.ts';
import { ServerPackets } from './server-packets.ts';
import { DOUBT, PHASE, Session } from './session.ts';

/** Cuts the two byte streams of each connection into MySQL messages and ships those that count. */
export class Framer implements StreamHandler {
  readonly counters = new FramerCounters();
  private readonly serverId: string;
  private readonly frameMemory = new FrameMemory();
  private readonly shipper: MessageShipper;
  private readonly client: ClientPackets;
  private readonly server: ServerPackets;

  constructor(serverId: string, shipper: MessageShipper) {
    this.serverId = serverId;
    this.shipper = shipper;
    this.client = new ClientPackets(new ClientMessages(shipper), shipper);
    this.server = new ServerPackets(new ServerMessages(shipper));
  }

  /** A packet begins: what it may unfold to counts from here. */
  beginPacket(): void {
    this.frameMemory.renewPlain();
  }

  onOpen(connection: Connection): void {
    const uid = connectionUid(this.serverId, connection);
    const { announcements, partitions } = this.shipper;
    connection.session = new Session(
      connection.sawSyn,
      announcements.add(uid, connection),
      connectionPartition(uid, partitions),
      this.frameMemory,
    );
  }

  onData(connection: Connection, fromClient: boolean, bytes: Buffer, start: number, end: number, timeUs: number): void {
    const session = connection.session as Session;
    (fromClient ? session.client : session.server).offset += end - start;
    if (session.phase === PHASE.refused) return;
    if (session.phase === PHASE.tls || session.phase === PHASE.foreign)
      this.unreadable(session, fromClient, end - start);
    else if (
      session.isCompressed ||
      (session.phase === PHASE.unknown && fromClient && this.isCompressed(session, bytes, start, end))
    )
      this.compressedData(session, fromClient, bytes, start, end, timeUs);
    else if (fromClient) this.client.data(session, bytes, start, end, timeUs);
    else this.server.data(session, bytes, start, end, timeUs);
  }

  onGap(connection: Connection, fromClient: boolean, missingBytes: number, timeUs: number): void {
    const session = connection.session as Session;
    const half = fromClient ? session.client : session.server;
    const isWithin = fromClient && !session.isCompressed && this.client.isWithin(session, missingBytes);
    this.shipper.gap(session, fromClient, half.offset, missingBytes, timeUs, isWithin);
    half.offset += missingBytes;
    if (session.phase >= PHASE.tls) return;
    if (session.isCompressed) {
      const frames = fromClient ? session.clientFrames : session.serverFrames;
      // A frame that is lost as a whole is found out at its end.
      const isWithin =
        frames?.gap(missingBytes, () => this.plainGap(session, fromClient, UNKNOWN_BYTES, timeUs)) ?? false;
      if (!isWithin) this.plainGap(session, fromClient, UNKNOWN_BYTES, timeUs);
    } else this.plainGap(session, fromClient, missingBytes, timeUs);
  }

  onClose(connection: Connection, _reason: CloseReason, timeUs: number): void {
    const session = connection.session as Session;
    this.client.endPartial(session);
    session.clientFrames?.close();
    session.serverFrames?.close();
    abandonPending(session, this.shipper, timeUs);
    this.endLogin(session, timeUs);
    this.shipper.close(session, timeUs);
    this.count(session, session.unreadableBytes - session.countedBytes);
    this.shipper.announcements.remove(session.announcement);
    connection.session = null;
  }

  /** Of an open connection; valid until the next one opens. */
  uid(connection: Connection): Uint8Array {
    return this.shipper.announcements.uid((connection.session as Session).announcement);
  }

  private unreadable(session: Session, fromClient: boolean, bytes: number): void {
    if (fromClient) session.unreadableBytes += bytes;
    else session.ignoreServer(bytes);
    session.countedBytes += bytes;
    this.count(session, bytes);
  }

  private count(session: Session, bytes: number): void {
    if (session.phase === PHASE.tls) this.counters.tlsBytes += bytes;
    else this.counters.unreadableBytes += bytes;
  }

  /** Whether a connection older than the capture speaks the compressed protocol; if so, it does from here on. */
  private isCompressed(session: Session, bytes: Buffer, start: number, end: number): boolean {
    if (!isCompressedStart(bytes, start, end, (from, to) => isCommandStart(bytes, from, to))) return false;
    session.beginCompression();
    return true;
  }

  private compressedData(
    session: Session,
    fromClient: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    timeUs: number,
  ): void {
    const frames = fromClient ? session.clientFrames! : session.serverFrames!;
    if (!frames.isSynced && !isCompressedStart(bytes, start, end, () => true)) {
      if (fromClient) session.passOverClient(end - start);
      else session.passOverServer(end - start);
      return;
    }
    frames.isSynced = true;
    const packets = fromClient ? this.client : this.server;
    frames.push(
      bytes,
      start,
      end,
      (plain) => packets.data(session, plain, 0, plain.length, timeUs),
      () => this.plainGap(session, fromClient, UNKNOWN_BYTES, timeUs),
    );
  }

  /** Bytes of the plain packets were lost; how many is not known where they were compressed. */
  private plainGap(session: Session, fromClient: boolean, missingBytes: number, timeUs: number): void {
    const half = fromClient ? session.client : session.server;
    if (!half.isSynced) {
      // What was lost can hold the whole response of the command that waits: the next one is not taken for it.
      if (session.phase === PHASE.auth) this.loseLogin(session, timeUs);
      else if (fromClient) session.doubt = DOUBT.fresh;
      else this.server.gapBetween(session);
      return;
    }
    const isWithin = half.headerBytes === HEADER_BYTES && missingBytes <= half.remaining;
    if (session.phase <= PHASE.auth) this.loseLogin(session, timeUs);
    else if (fromClient) this.client.gap(session, isWithin, missingBytes);
    else this.server.gap(session, isWithin, missingBytes, timeUs);
  }

  /** Bytes of the login were lost: the connection goes on as one that is older than the capture. */
  private loseLogin(session: Session, timeUs: number): void {
    this.endLogin(session, timeUs);
    abandonPending(session, this.shipper, timeUs);
    session.isMidstream = true;
    session.doubt = DOUBT.fresh;
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

const UNKNOWN_BYTES = Number.MAX_SAFE_INTEGER;
const NOTHING = Buffer.alloc(0);
