// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import { charsetOfCollation } from '../../protocol/charsets.ts';
import { COMMAND, COMMAND_RESPONSE, RESPONSE } from '../../protocol/commands.ts';
import { readGreeting } from '../../protocol/messages/greeting.ts';
import { readHandshakeResponse } from '../../protocol/messages/handshake-response.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { cleanName } from '../../schemas/clean-name.ts';
import { Loss } from '../../schemas/loss.ts';
import { ENDING, GAP_BYTES, MESSAGE_FLAG, MESSAGE_KIND, PROXIED_BYTES } from '../../schemas/message-batch.ts';
import { MessageBatchReader } from '../../schemas/message-batch-reader.ts';
import type { TextLoss } from '../../schemas/sql-text.ts';
import type { StatefulStage } from '../stage.ts';
import { CommandEvents } from './command-event.ts';
import { addressText, connectionFacts } from './connection-facts.ts';
import { ConnectionState } from './connection-state.ts';
import { decodeCounters } from './decode-counters.ts';
import { addResponse } from './response-event.ts';
import { readState, writeState } from './state-codec.ts';

/** Fragments of one command are joined up to this length, the edge's own limit. */
const JOIN_LIMIT_BYTES = 64 * 1024 * 1024;
/** And those of all connections up to this: beyond it, what comes is cut. */
const ALL_FRAGMENTS_BYTES = 128 * 1024 * 1024;

/** Batches of MySQL messages → audit events (statement unmasked, rules not applied) and losses. */
export class Decode implements StatefulStage<Buffer, AuditEvent | Loss> {
  readonly counters = decodeCounters();
  /** Bytes of all fragments that wait for the rest of their command. */
  private fragmentBytes = 0;
  private readonly states = new Map<string, ConnectionState>();
  private readonly batch = new MessageBatchReader();
  private readonly reader = new ByteReader();
  private readonly commands: CommandEvents;
  /** States by the batch's connection numbers. */
  private inBatch: ConnectionState[] = [];

  constructor(options: { keepsRaw: boolean }) {
    this.commands = new CommandEvents(options.keepsRaw);
  }

  step(input: Buffer, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    this.inBatch = [];
    if (!batch.open(input)) {
      this.counters.unreadableBatches++;
      return;
    }
    while (batch.next()) {
      if (batch.kind === MESSAGE_KIND.connection) this.announce();
      else this.message(emit);
    }
    if (batch.broken) this.counters.brokenBatches++;
    for (const state of this.inBatch) state.detach();
    this.inBatch = [];
  }

  stateKeys(): IterableIterator<string> {
    return this.states.keys();
  }

  exportState(key: string): string | null {
    const state = this.states.get(key);
    return state === undefined ? null : writeState(state);
  }

  importState(key: string, text: string): boolean {
    const state = readState(text);
    if (state === null || state.facts.uid !== key) return false;
    this.states.set(key, state);
    this.fragmentBytes += state.fragmentBytes;
    return true;
  }

  private announce(): void {
    const { batch } = this;
    const uid = batch.bytes.toString('hex', batch.start, batch.start + 16);
    let state = this.states.get(uid);
    if (state === undefined) {
      state = new ConnectionState(connectionFacts(uid, batch.serverId, batch.bytes, batch.start));
      this.states.set(uid, state);
    }
    this.inBatch.push(state);
  }

  private message(emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    const state = this.inBatch[batch.connection];
    if (state === undefined) {
      this.counters.unannouncedMessages++;
      return;
    }
    if (batch.sequence <= state.lastSequence) {
      this.counters.repeatedMessages++;
      return;
    }
    state.lastSequence = batch.sequence;
    this.counters.messages++;
    switch (batch.kind) {
      case MESSAGE_KIND.command:
        this.command(state, emit);
        break;
      case MESSAGE_KIND.response:
        this.response(state, emit);
        break;
      case MESSAGE_KIND.greeting:
        this.greeting(state);
        break;
      case MESSAGE_KIND.login:
        this.login(state);
        break;
      case MESSAGE_KIND.tls:
        this.tls(state, emit);
        break;
      case MESSAGE_KIND.gap:
        this.gap(state, emit);
        break;
      case MESSAGE_KIND.proxied:
        this.proxied(state);
        break;
      case MESSAGE_KIND.close:
        this.close(state, emit);
        break;
      default:
        // A kind of a later version: counted, so that nobody takes its absence for silence.
        this.counters.unknownMessages++;
    }
  }

  private command(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    let { bytes, start, end, sequence } = batch;
    if (batch.flags & MESSAGE_FLAG.moreFragments) {
      this.addFragment(state);
      return;
    }
    const isTruncated = (batch.flags & MESSAGE_FLAG.truncated) !== 0;
    const hash = isTruncated ? bytes.toString('hex', start, end) : '';
    if (state.fragmentSequence !== 0) {
      if (!isTruncated) this.addFragment(state);
      sequence = state.fragmentSequence;
      bytes = Buffer.concat(state.fragments);
      start = 0;
      end = bytes.length;
      this.clearFragments(state);
    }
    const isCut = isTruncated || (batch.flags & MESSAGE_FLAG.gap) !== 0 || end - start < batch.count;
    const loss: TextLoss = isCut ? 'tail' : 'none';
    const event = this.commands.begin(state, sequence, batch.timeUs, bytes, start, end, batch.count, loss);
    event.statementHash = hash;
    if (batch.flags & MESSAGE_FLAG.gap) event.completeness = 'gap';
    else if (isCut) event.completeness = 'truncated';
    else if (batch.flags & MESSAGE_FLAG.midstream) event.completeness = 'midstream';
    this.counters.commands++;
    // For those without a response the edge sends none.
    if (COMMAND_RESPONSE[start < end ? bytes[start]! : COMMAND.sleep] === RESPONSE.none) emit(event);
    else state.pending.push(event);
  }

  /** Without room for one fragment all later ones of the command are left out too: the text is cut, not patched together. */
  private addFragment(state: ConnectionState): void {
    const { batch } = this;
    const bytes = batch.end - batch.start;
    if (state.fragmentSequence === 0) state.fragmentSequence = batch.sequence;
    if (state.fragmentBytes + bytes > JOIN_LIMIT_BYTES || this.fragmentBytes + bytes > ALL_FRAGMENTS_BYTES)
      state.isFragmentCut = true;
    if (state.isFragmentCut) return;
    state.fragments.push(Buffer.from(batch.bytes.subarray(batch.start, batch.end)));
    state.fragmentBytes += bytes;
    this.fragmentBytes += bytes;
  }

  private clearFragments(state: ConnectionState): void {
    this.fragmentBytes -= state.fragmentBytes;
    state.fragments = [];
    state.fragmentBytes = 0;
    state.fragmentSequence = 0;
    state.isFragmentCut = false;
  }

  private response(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    const { login, pending } = state;
    if (login !== null && login.sequence === batch.requestSequence) {
      addResponse(state, login, batch);
      state.login = null;
      emit(login);
      return;
    }
    if (batch.requestSequence === 0) {
      this.refusal(state, emit);
      return;
    }
    const at =
      pending.length > 0 && pending[0]!.sequence === batch.requestSequence
        ? 0
        : pending.findIndex((e) => e.sequence === batch.requestSequence);
    if (at < 0) {
      this.counters.unpairedResponses++;
      return;
    }
    const event = pending[at]!;
    addResponse(state, event, batch);
    if (batch.flags & MESSAGE_FLAG.moreResults) return;
    if (pending.length === 1) pending.length = 0;
    else pending.splice(at, 1);
    if (state.unread.size > 0) state.unread.delete(event.sequence);
    emit(event);
  }

  private greeting(state: ConnectionState): void {
    const { batch } = this;
    const greeting = readGreeting(this.reader.reset(batch.bytes, batch.start, batch.end));
    if (greeting === null) return;
    state.serverVersion = cleanName(greeting.serverVersion);
    state.connectionId = greeting.threadId;
    state.offeredCapabilities = greeting.capabilities;
  }

  private login(state: ConnectionState): void {
    const { batch } = this;
    const login = readHandshakeResponse(this.reader.reset(batch.bytes, batch.start, batch.end));
    if (login === null) return;
    // Clients of MySQL 8 ask for what older servers do not have.
    state.capabilities = (login.capabilities & state.offeredCapabilities) >>> 0;
    state.userName = cleanName(login.userName);
    state.userNameSource = 'handshake';
    state.databaseName = cleanName(login.databaseName);
    state.clientProgram = cleanName(login.clientProgram);
    state.mode = { charset: charsetOfCollation(login.collation), noBackslashEscapes: null, ansiQuotes: null };
    state.login = this.connectEvent(state);
  }

  private tls(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    state.isTls = true;
    // Without its SSLRequest it is an old connection that says nothing of a login.
    if (batch.end > batch.start) emit(this.connectEvent(state));
  }

  /** The server ended the connection instead of greeting or before the login. */
  private refusal(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    if (this.batch.ending !== ENDING.err) {
      this.counters.unpairedResponses++;
      return;
    }
    const event = this.connectEvent(state);
    addResponse(state, event, this.batch);
    emit(event);
  }

  private connectEvent(state: ConnectionState): AuditEvent {
    const { batch } = this;
    const event = state.newEvent('connect', batch.sequence, batch.timeUs);
    event.requestBytes = batch.kind === MESSAGE_KIND.response ? 0 : batch.end - batch.start + 4;
    return event;
  }

  private gap(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    if (batch.end - batch.start < GAP_BYTES) return;
    this.counters.gaps++;
    const fromClient = batch.bytes[batch.start] === 1;
    if (fromClient) {
      state.clientGaps++;
      state.mayHaveMissedPrepare = true;
      // A SET sql_mode may be among what was lost.
      if (state.mode.ansiQuotes !== null) state.mode = { ...state.mode, ansiQuotes: null };
    }
    const fromByte = batch.bytes.readDoubleLE(batch.start + 1);
    emit(new Loss(state.facts, batch.timeUs, 'gap', batch.sequence, fromClient, fromByte, batch.count));
  }

  private proxied(state: ConnectionState): void {
    const { batch } = this;
    if (batch.end - batch.start < PROXIED_BYTES) return;
    const clientAddress = addressText(batch.bytes, batch.start);
    state.facts = { ...state.facts, clientAddress, clientPort: batch.bytes.readUInt16LE(batch.start + 16) };
  }

  private close(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    if (batch.count > 0)
      emit(
        new Loss(state.facts, batch.timeUs, state.isTls ? 'tls' : 'unreadable', batch.sequence, true, 0, batch.count),
      );
    for (const event of state.pending) emit(event);
    if (state.login !== null) emit(state.login);
    state.pending.length = 0;
    state.login = null;
    this.clearFragments(state);
    this.states.delete(state.facts.uid);
  }
}
