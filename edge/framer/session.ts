import type { Hash } from 'node:crypto';
import { CompressedStream } from './compressed-stream.ts';
import type { FrameMemory } from './frame-memory.ts';
import { HalfStream } from './half-stream.ts';
import { PendingQueue } from './pending-queue.ts';

/** Where a connection stands in the protocol. */
export const PHASE = {
  /** The server's greeting is next. */
  start: 0,
  /** The client's login is next. */
  login: 1,
  /** The auth exchange runs, up to the server's OK or ERR. */
  auth: 2,
  /** Commands and their responses. */
  command: 3,
  /** Older than the capture; no message of it was recognised yet. */
  unknown: 4,
  /** Encrypted: bytes are counted. */
  tls: 5,
  /** Not MySQL: bytes are counted. */
  foreign: 6,
  /** The server refused the login: what still comes says nothing. */
  refused: 7,
} as const;

/** What the next server packet can be, within the response to the oldest pending command. */
export const EXPECT = {
  /** The response's first packet, or that of its next result. */
  first: 0,
  /** Column definitions, then EOF where that is agreed. */
  columns: 1,
  columnsEof: 2,
  rows: 3,
  /** Definitions of a prepared statement: parameters, EOF, columns, EOF. */
  parameters: 4,
  parametersEof: 5,
  resultColumns: 6,
  resultColumnsEof: 7,
  /** The client sends a file; its end is an empty packet. */
  infile: 8,
  /** A binlog or similar one-way stream, up to EOF or ERR. */
  stream: 9,
} as const;

/** Whether responses may belong to commands that were lost: none, since now, or since a time the server has spoken after. */
export const DOUBT = { none: 0, fresh: 1, spoken: 2 } as const;

/** Use of EOF packets on a connection. */
export const EOF_USE = { unknown: 0, sent: 1, deprecated: 2 } as const;

/** Protocol state of one connection at the edge. Plain data: `client-messages.ts` and `server-messages.ts` move it on. */
export class Session {
  // What each packet needs stands first and so in few cache lines, which counts with thousands of connections.
  phase: number;
  /** Both halves are in compressed frames. */
  isCompressed = false;
  /** A header of the PROXY protocol may still come: nothing of the client has. */
  mayBeProxied: boolean;
  readonly client = new HalfStream();
  readonly server = new HalfStream();
  readonly pending = new PendingQueue();
  readonly partition: number;
  /** Where its announcement is among all of them (`Announcements`). */
  readonly announcement: number;
  /** Batch in which the connection was announced last, and its number there. */
  announcedBatch = 0;
  announcedNumber = 0;
  /** Messages shipped so far: the sequence of the last one. */
  sequence = 0;
  isMidstream = false;
  knowsCapabilities = false;
  /** While not `none`, responses are marked: they may be another command's. */
  doubt: number = DOUBT.none;
  /** Whether EOF packets end column definitions: agreed at login or learned from the first result. */
  eof: number = EOF_USE.unknown;
  expect: number = EXPECT.first;
  columnsLeft = 0;
  rows = 0;
  hasRow = false;
  firstUs = 0;
  responseBytes = 0;
  responseHasGap = false;
  /** Within the response the server asked for a file. */
  askedForFile = false;
  /** Sequence of the first fragment and the command byte of a command that is being shipped in fragments; 0 when none is. */
  fragmentSequence = 0;
  /** Bytes of a LOCAL INFILE that the client sent for the oldest pending command. */
  furtherRequestBytes = 0;

  /** Shared by client and server; meaningful only when `knowsCapabilities`. */
  capabilities = 0;
  mariadbCapabilities = 0;
  serverCapabilities = 0;
  serverMariadbCapabilities = 0;
  fragmentCommand = 0;
  /** Runs over a command that is longer than one fragment, its first byte left out. */
  commandHash: Hash | null = null;
  /** Bytes of the server were lost and with them the place in its stream: what is pending gets no response any more. */
  responseIsLost = false;
  /** Bytes of the server were lost, and no packet of it was found since. */
  serverIsLost = false;
  /** Bytes of the server passed unread while a command was pending. */
  hasIgnoredResponse = false;
  /** The login that waits for its OK or ERR. */
  loginSequence = 0;
  /** Columns of a prepared statement, while its parameters are still being defined. */
  laterColumns = 0;
  /** PREPARE_OK, kept until the definitions behind it are through. */
  prepareOk: Buffer | null = null;
  private readonly frameMemory: FrameMemory;
  clientFrames: CompressedStream | null = null;
  serverFrames: CompressedStream | null = null;
  /** Bytes that could not be read as MySQL, or were encrypted. */
  unreadableBytes = 0;
  /** Of these, those of the server. */
  unreadableServerBytes = 0;
  /** Of all of them, those that `FramerCounters` has already: the rest follows when the connection ends. */
  countedBytes = 0;

  constructor(sawSyn: boolean, announcement: number, partition: number, frameMemory: FrameMemory) {
    this.announcement = announcement;
    this.partition = partition;
    this.frameMemory = frameMemory;
    this.phase = sawSyn ? PHASE.start : PHASE.unknown;
    this.isMidstream = !sawSyn;
    this.mayBeProxied = sawSyn;
    this.client.isSynced = this.server.isSynced = sawSyn;
  }

  /** The server's bytes were passed over. */
  ignoreServer(bytes: number): void {
    this.unreadableBytes += bytes;
    this.unreadableServerBytes += bytes;
  }

  /** Bytes of the client in which no message was found: a command may be among them, and its answer still to come. */
  passOverClient(bytes: number): void {
    this.unreadableBytes += bytes;
    if (this.phase === PHASE.command) this.doubt = DOUBT.fresh;
  }

  /** Bytes of the server in which no packet was found: the answer that is waited for may be among them. */
  passOverServer(bytes: number): void {
    this.ignoreServer(bytes);
    if (this.pending.count > 0) this.hasIgnoredResponse = true;
  }

  /** A command begins: where nothing is pending and the server has answered since, its response is surely its own. */
  settleDoubt(): void {
    if (this.doubt === DOUBT.spoken && this.pending.count === 0) this.doubt = DOUBT.none;
  }

  /** The oldest pending command has its response. */
  dropOldestPending(): void {
    this.pending.dropOldest();
    this.beginResult();
    this.responseBytes = 0;
    this.furtherRequestBytes = 0;
    this.responseHasGap = false;
  }

  beginCompression(): void {
    this.isCompressed = true;
    this.clientFrames = new CompressedStream(this.frameMemory);
    this.serverFrames = new CompressedStream(this.frameMemory);
  }

  /** Forgets the result that just ended; the next one of the command, or the next command's, begins. */
  beginResult(): void {
    this.expect = EXPECT.first;
    this.columnsLeft = 0;
    this.laterColumns = 0;
    this.rows = 0;
    this.firstUs = 0;
    this.hasRow = false;
    this.askedForFile = false;
  }
}
