// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import { CAPABILITY, MARIADB_CAPABILITY } from '../../protocol/capabilities.ts';
import { RESPONSE } from '../../protocol/commands.ts';
import { EOF_MAX_BYTES } from '../../protocol/messages/eof.ts';
import { PROGRESS_REPORT_CODE } from '../../protocol/messages/err.ts';
import { PrepareOk } from '../../protocol/messages/prepare-ok.ts';
import { SERVER_STATUS } from '../../protocol/server-status.ts';
import { ENDING, type Ending, MESSAGE_FLAG } from '../../schemas/message-batch.ts';
import type { MessageShipper } from './message-shipper.ts';
import { ServerPacket } from './server-packet.ts';
import { DOUBT, EOF_USE, EXPECT, type Session } from './session.ts';

const OK = 0x00;
const INFILE = 0xfb;
const EOF = 0xfe;
const ERR = 0xff;
const LONGEST_PACKET = 0xff_ffff;
/** A column definition begins with the catalog, a string of three bytes: "def". */
const DEFINITION = 0x03;

/**
 * Follows the responses to commands: counts definitions and rows, ships what ends a result. A packet is told by its first
 * byte, its length and what is expected, so rows need not be kept, whatever their size.
 */
export class Responses {
  private readonly shipper: MessageShipper;
  private readonly reader = new ByteReader();
  private readonly prepareOk = new PrepareOk();
  private readonly prepareEnd = new ServerPacket();

  constructor(shipper: MessageShipper) {
    this.shipper = shipper;
  }

  /** Whether a packet's bytes are to be kept for `packet`. */
  wants(session: Session, first: number, length: number): boolean {
    if (first === ERR || (first === EOF && length < LONGEST_PACKET)) return true;
    if (session.expect !== EXPECT.first || session.pending.count === 0) return false;
    const shape = session.pending.shape;
    return shape !== RESPONSE.text && shape !== RESPONSE.fields && shape !== RESPONSE.rows;
  }

  /** See `ServerMessages.packet`. */
  packet(session: Session, packet: ServerPacket): void {
    if (session.doubt === DOUBT.fresh) session.doubt = DOUBT.spoken;
    if (session.pending.count === 0 || this.isForeign(session)) {
      session.ignoreServer(packet.length);
      return;
    }
    session.responseBytes += packet.length + 4;
    if (session.firstUs === 0) session.firstUs = packet.timeUs;
    // The server answers only when it has the whole file, whatever was captured of that.
    if (session.expect === EXPECT.infile) session.expect = EXPECT.first;
    const { expect } = session;
    if (expect === EXPECT.rows) this.row(session, packet);
    else if (expect === EXPECT.first) this.firstPacket(session, packet);
    else if (packet.first === ERR) this.error(session, packet);
    else if (expect === EXPECT.stream) this.streamed(session, packet);
    else if (expect === EXPECT.columns) this.column(session, packet);
    else if (expect === EXPECT.columnsEof) this.columnsEof(session, packet);
    else this.definition(session, packet);
  }

  /** Told by its sequence id: the first packet of a response continues the numbers of its request. */
  private isForeign(session: Session): boolean {
    if (session.responseBytes !== 0 || session.server.sequenceId === session.pending.nextId) return false;
    return !session.knowsCapabilities || session.pending.count > 1;
  }

  private firstPacket(session: Session, packet: ServerPacket): void {
    const { shape } = session.pending;
    const { first } = packet;
    if (shape === RESPONSE.text) this.finish(session, packet, ENDING.text, 0);
    else if (first === ERR) this.error(session, packet);
    else if (shape === RESPONSE.rows) this.row(session, packet);
    else if (shape === RESPONSE.auth) this.authenticated(session, packet);
    else if (shape === RESPONSE.stream) this.streamed(session, packet);
    else if (first === EOF) this.finishRows(session, packet);
    else if (shape === RESPONSE.fields) return;
    else if (first === OK && shape === RESPONSE.prepare) this.prepared(session, packet);
    else if (first === OK) this.finish(session, packet, ENDING.ok, this.okStatus(packet));
    else if (shape !== RESPONSE.results) this.finish(session, packet, ENDING.none, 0);
    else if (first === INFILE) {
      session.expect = EXPECT.infile;
      session.askedForFile = true;
    } else this.columnCount(session, packet);
  }

  /** COM_CHANGE_USER: switch, more data and next factor go on, only OK and ERR end the exchange. */
  private authenticated(session: Session, packet: ServerPacket): void {
    if (packet.first === OK) this.finish(session, packet, ENDING.ok, this.okStatus(packet));
  }

  /** Events of a stream begin with 00; one that does not wait for more ends with EOF. */
  private streamed(session: Session, packet: ServerPacket): void {
    session.expect = EXPECT.stream;
    if (packet.first === EOF && packet.length <= EOF_MAX_BYTES) this.finishRows(session, packet);
  }

  /**
   * lenenc count [· 1 metadata follows: optionalMetadata, or MariaDB's cacheMetadata]. MySQL's manual has the flag first, but server
   * and client send and read it last (sql/protocol_classic.cc, Protocol_classic::start_result_metadata).
   * https://mariadb.com/kb/en/result-set-packets/#column-count-packet
   */
  private columnCount(session: Session, packet: ServerPacket): void {
    const reader = this.reader.reset(packet.bytes, packet.start, packet.end);
    const count = reader.lenenc();
    const isOptional =
      (session.capabilities & CAPABILITY.optionalMetadata) !== 0 ||
      (session.mariadbCapabilities & MARIADB_CAPABILITY.cacheMetadata) !== 0;
    const follows = !isOptional || reader.left === 0 || reader.u8() !== 0;
    session.columnsLeft = follows ? count : 0;
    if (session.columnsLeft > 0) session.expect = EXPECT.columns;
    else session.expect = session.eof === EOF_USE.deprecated ? EXPECT.rows : EXPECT.columnsEof;
  }

  private column(session: Session, packet: ServerPacket): void {
    if (!session.knowsCapabilities && packet.first !== DEFINITION) {
      // The login was not seen: it may have agreed on results without definitions.
      this.columnsEof(session, packet);
      return;
    }
    if (--session.columnsLeft === 0)
      session.expect = session.eof === EOF_USE.deprecated ? EXPECT.rows : EXPECT.columnsEof;
  }

  private columnsEof(session: Session, packet: ServerPacket): void {
    session.expect = EXPECT.rows;
    if (packet.first !== EOF || packet.length > EOF_MAX_BYTES) {
      if (session.eof === EOF_USE.unknown) session.eof = EOF_USE.deprecated;
      this.row(session, packet);
      return;
    }
    if (session.eof === EOF_USE.unknown) session.eof = EOF_USE.sent;
    const status = eofStatus(packet);
    // With a cursor open the rows come by COM_STMT_FETCH.
    if (status & SERVER_STATUS.cursorExists) this.finish(session, packet, ENDING.eof, status);
  }

  private row(session: Session, packet: ServerPacket): void {
    if (packet.first === EOF && packet.length < LONGEST_PACKET) this.finishRows(session, packet);
    else if (packet.first === ERR) this.error(session, packet);
    else {
      session.rows++;
      if (session.hasRow) return;
      session.hasRow = true;
      session.firstUs = packet.timeUs;
    }
  }

  /**
   * EOF, or the OK that stands for it; only the length tells them apart. Such an OK counts no rows and has no insert id: what
   * begins otherwise is the auth switch of a COM_CHANGE_USER that was lost, and holds a scramble.
   */
  private finishRows(session: Session, packet: ServerPacket): void {
    const { bytes, start } = packet;
    if (packet.length > EOF_MAX_BYTES && (bytes[start + 1] !== 0 || bytes[start + 2] !== 0))
      this.finish(session, packet, ENDING.none, 0);
    else if (packet.length > EOF_MAX_BYTES) this.finish(session, packet, ENDING.ok, this.okStatus(packet));
    else this.finish(session, packet, ENDING.eof, eofStatus(packet));
  }

  private error(session: Session, packet: ServerPacket): void {
    const { bytes, start, end } = packet;
    const code = end - start >= 3 ? bytes.readUInt16LE(start + 1) : 0;
    if (code !== PROGRESS_REPORT_CODE) this.finish(session, packet, ENDING.err, 0);
  }

  private prepared(session: Session, packet: ServerPacket): void {
    const { prepareOk } = this;
    prepareOk.read(this.reader.reset(packet.bytes, packet.start, packet.end));
    session.prepareOk = Buffer.from(packet.bytes.subarray(packet.start, packet.end));
    session.columnsLeft = prepareOk.metadataFollows ? prepareOk.parameters : 0;
    session.laterColumns = prepareOk.metadataFollows ? prepareOk.columns : 0;
    if (session.columnsLeft > 0) session.expect = EXPECT.parameters;
    else this.resultColumns(session, packet);
  }

  /** One of the definitions after PREPARE_OK, or the EOF behind them. */
  private definition(session: Session, packet: ServerPacket): void {
    const isEof = packet.first === EOF && packet.length <= EOF_MAX_BYTES;
    if (session.expect === EXPECT.parametersEof) {
      if (session.eof === EOF_USE.unknown) session.eof = isEof ? EOF_USE.sent : EOF_USE.deprecated;
      const hasColumns = session.laterColumns > 0;
      this.resultColumns(session, packet);
      // Without EOF this is the first definition of the columns.
      if (!isEof && hasColumns) this.definition(session, packet);
      return;
    }
    if (session.expect === EXPECT.resultColumnsEof) this.finishPrepare(session, packet);
    else if (--session.columnsLeft === 0) {
      if (session.expect === EXPECT.parameters) {
        if (session.eof === EOF_USE.deprecated) this.resultColumns(session, packet);
        else session.expect = EXPECT.parametersEof;
      } else if (session.eof === EOF_USE.sent) session.expect = EXPECT.resultColumnsEof;
      else this.finishPrepare(session, packet);
    }
  }

  private resultColumns(session: Session, packet: ServerPacket): void {
    session.columnsLeft = session.laterColumns;
    session.laterColumns = 0;
    if (session.columnsLeft > 0) session.expect = EXPECT.resultColumns;
    else this.finishPrepare(session, packet);
  }

  /** The last definition has come: ships the PREPARE_OK that they belong to. */
  private finishPrepare(session: Session, packet: ServerPacket): void {
    const prepareOk = session.prepareOk ?? NOTHING;
    session.prepareOk = null;
    this.prepareEnd.set(prepareOk, 0, prepareOk.length, OK, prepareOk.length, packet.timeUs);
    this.finish(session, this.prepareEnd, ENDING.prepareOk, 0);
  }

  /** Ends a result by the packet that `ending` names; `status` tells whether the command has another one. */
  finish(session: Session, packet: ServerPacket, ending: Ending, status: number): void {
    const hasMore = (status & SERVER_STATUS.moreResults) !== 0;
    const flags =
      (session.responseHasGap ? MESSAGE_FLAG.gap : 0) |
      (session.doubt !== DOUBT.none ? MESSAGE_FLAG.gap | MESSAGE_FLAG.doubtful : 0) |
      (session.askedForFile ? MESSAGE_FLAG.askedForFile : 0) |
      (hasMore ? MESSAGE_FLAG.moreResults : 0);
    const { bytes, start, timeUs } = packet;
    // A text and what was not understood are not shipped.
    const end = ending === ENDING.text || ending === ENDING.none ? start : packet.end;
    this.shipper.response(session, session.pending.sequence, flags, timeUs, ending, bytes, start, end);
    if (hasMore) session.beginResult();
    else session.dropOldestPending();
  }

  private okStatus(packet: ServerPacket): number {
    const reader = this.reader.reset(packet.bytes, packet.start, packet.end);
    reader.skip(1);
    reader.lenenc();
    reader.lenenc();
    return reader.u16();
  }
}

function eofStatus(packet: ServerPacket): number {
  return packet.length === EOF_MAX_BYTES ? packet.bytes.readUInt16LE(packet.start + 3) : 0;
}

const NOTHING = Buffer.alloc(0);
