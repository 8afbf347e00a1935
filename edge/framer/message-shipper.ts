// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import { COMMAND } from '../../protocol/commands.ts';
import { readChangeUser } from '../../protocol/messages/change-user.ts';
import type { Greeting } from '../../protocol/messages/greeting.ts';
import type { HandshakeResponse } from '../../protocol/messages/handshake-response.ts';
import {
  type BatchOrigin,
  CLOSE_BYTES,
  type Ending,
  GAP_BYTES,
  MESSAGE_FLAG,
  MESSAGE_KIND,
  PROXIED_BYTES,
} from '../../schemas/message-batch.ts';
import { MessageBatchWriter } from '../../schemas/message-batch-writer.ts';
import { Announcements } from './announcements.ts';
import type { Session } from './session.ts';

/** Takes a finished batch, which it then owns; `messages` are those in it. */
export type BatchSink = (partition: number, batch: Buffer, messages: number) => void;

/**
 * Writes a session's messages into the batch of its partition and hands full batches on. Auth data is blanked here, in the
 * copy, before the batch can go anywhere.
 */
export class MessageShipper {
  /** Messages shipped in all. */
  messages = 0;
  /** Of the open connections. */
  readonly announcements = new Announcements();
  private readonly writers: MessageBatchWriter[] = [];
  private readonly sink: BatchSink;
  private readonly reader = new ByteReader();
  private readonly gapPayload = Buffer.alloc(GAP_BYTES);
  private readonly closePayload = Buffer.alloc(CLOSE_BYTES);

  constructor(origin: BatchOrigin, partitions: number, batchBytes: number, sink: BatchSink) {
    this.sink = sink;
    for (let i = 0; i < partitions; i++) this.writers.push(new MessageBatchWriter(origin, batchBytes));
  }

  get partitions(): number {
    return this.writers.length;
  }

  /** Hands on a batch without messages to every partition: it says that this run has begun. */
  announceRun(): void {
    for (let i = 0; i < this.writers.length; i++) this.sink(i, this.writers[i]!.take(), 0);
  }

  /** Hands on what is packed so far. */
  flush(): void {
    for (let i = 0; i < this.writers.length; i++) this.flushPartition(i);
  }

  greeting(session: Session, greeting: Greeting, timeUs: number, bytes: Buffer, start: number, end: number): void {
    const body = this.ship(session, MESSAGE_KIND.greeting, 0, timeUs, end - start, bytes, start, end);
    for (const [from, to] of greeting.scrambleSpans)
      this.blank(session, body + from - start, body + Math.min(to, end) - start);
  }

  login(session: Session, login: HandshakeResponse, timeUs: number, bytes: Buffer, start: number, end: number): void {
    const body = this.ship(session, MESSAGE_KIND.login, 0, timeUs, end - start, bytes, start, end);
    this.blank(session, body + login.authStart - start, body + login.authEnd - start);
  }

  /** One fragment of a command, or all of it. `length` is that of the whole message where this is the last fragment. */
  command(
    session: Session,
    flags: number,
    timeUs: number,
    length: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const isContinued = session.fragmentSequence !== 0;
    const allFlags = isContinued ? flags | MESSAGE_FLAG.continued : flags;
    const body = this.ship(session, MESSAGE_KIND.command, allFlags, timeUs, length, bytes, start, end);
    // Only a first fragment begins with the command byte.
    if (bytes[start] === COMMAND.changeUser && !isContinued && !(flags & MESSAGE_FLAG.truncated)) {
      const change = readChangeUser(
        this.reader.reset(bytes, start + 1, end),
        session.knowsCapabilities ? session.capabilities : 0,
      );
      this.blank(session, body + change.authStart - start, body + change.authEnd - start);
    }
  }

  /** The end of one result, from the session's counters; `ending` says what the packet from `start` to `end` is. */
  response(
    session: Session,
    requestSequence: number,
    flags: number,
    timeUs: number,
    ending: Ending,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const writer = this.writerFor(session, end - start);
    writer.addResponse(
      session.isMidstream && !session.knowsCapabilities ? flags | MESSAGE_FLAG.midstream : flags,
      session.announcedNumber,
      ++session.sequence,
      timeUs,
      session.responseBytes,
      requestSequence,
      session.firstUs,
      session.rows,
      session.furtherRequestBytes,
      ending,
      bytes,
      start,
      end,
    );
    this.messages++;
  }

  gap(
    session: Session,
    fromClient: boolean,
    fromByte: number,
    missingBytes: number,
    timeUs: number,
    isWithin: boolean,
  ): void {
    this.gapPayload[0] = fromClient ? 1 : 0;
    this.gapPayload.writeDoubleLE(fromByte, 1);
    const flags = isWithin ? MESSAGE_FLAG.within : 0;
    this.ship(session, MESSAGE_KIND.gap, flags, timeUs, missingBytes, this.gapPayload, 0, GAP_BYTES);
  }

  tls(session: Session, timeUs: number, bytes: Buffer, start: number, end: number): void {
    this.ship(session, MESSAGE_KIND.tls, 0, timeUs, 0, bytes, start, end);
  }

  proxied(session: Session, timeUs: number, address: Buffer, port: number): void {
    const payload = Buffer.alloc(PROXIED_BYTES);
    address.copy(payload);
    payload.writeUInt16LE(port, 16);
    this.ship(session, MESSAGE_KIND.proxied, 0, timeUs, 0, payload, 0, PROXIED_BYTES);
  }

  close(session: Session, timeUs: number): void {
    this.closePayload.writeDoubleLE(session.unreadableServerBytes, 0);
    this.ship(session, MESSAGE_KIND.close, 0, timeUs, session.unreadableBytes, this.closePayload, 0, CLOSE_BYTES);
  }

  private ship(
    session: Session,
    kind: number,
    flags: number,
    timeUs: number,
    count: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): number {
    const writer = this.writerFor(session, end - start);
    const allFlags = session.isMidstream && !session.knowsCapabilities ? flags | MESSAGE_FLAG.midstream : flags;
    this.messages++;
    return writer.add(kind, allFlags, session.announcedNumber, ++session.sequence, timeUs, count, bytes, start, end);
  }

  private blank(session: Session, from: number, to: number): void {
    this.writers[session.partition]!.blank(from, to);
  }

  /** The partition's batch with room for the payload, the session announced in it. */
  private writerFor(session: Session, payloadBytes: number): MessageBatchWriter {
    const writer = this.writers[session.partition]!;
    if (!writer.fits(payloadBytes)) this.flushPartition(session.partition);
    if (session.announcedBatch !== writer.batch) {
      session.announcedBatch = writer.batch;
      session.announcedNumber = writer.announce(this.announcements.view, session.announcement);
    }
    return writer;
  }

  private flushPartition(partition: number): void {
    const writer = this.writers[partition]!;
    if (writer.isEmpty) return;
    const { messages } = writer;
    this.sink(partition, writer.take(), messages);
  }
}
