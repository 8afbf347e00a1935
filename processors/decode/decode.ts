// Hot path
import { ByteReader } from '../../protocol/byte-reader.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { Loss } from '../../schemas/loss.ts';
import { ENDING, GAP_BYTES, MESSAGE_FLAG, MESSAGE_KIND, PROXIED_BYTES } from '../../schemas/message-batch.ts';
import { MessageBatchReader } from '../../schemas/message-batch-reader.ts';
import type { Stage } from '../stage.ts';
import { CommandIntake } from './command-intake.ts';
import { connectionFacts, proxiedFacts } from './connection-facts.ts';
import { ConnectionState } from './connection-state.ts';
import { ConnectionTable } from './connection-table.ts';
import { type DecodeCounters, decodeCounters } from './decode-counters.ts';
import { type BatchFacts, type DecodeOptions, unreadableOutcome } from './decode-options.ts';
import { KeptTexts } from './kept-texts.ts';
import { addGreeting, addLogin } from './login-facts.ts';
import { closeLosses } from './losses.ts';
import { addResponse } from './response-event.ts';
import { UidCache } from './uid-cache.ts';

/** That a batch may announce. */
const MAX_CONNECTIONS = 65_536;

/**
 * Batches of MySQL messages → audit events (statement unmasked, rules not applied) and losses. Its state stays in the process:
 * `RestorableDecode` writes it out.
 */
export class Decode implements Stage<Buffer, AuditEvent | Loss> {
  readonly counters: DecodeCounters;
  /** Of the last input. */
  readonly lastBatch: BatchFacts = { outcome: 'read', serverId: '' };
  protected readonly texts = new KeptTexts();
  protected readonly commands: CommandIntake;
  protected readonly table: ConnectionTable;
  private readonly onBegin: DecodeOptions['onBegin'];
  private readonly onUnpaired: DecodeOptions['onUnpaired'];
  private readonly onEnded: DecodeOptions['onEnded'];
  private readonly batch = new MessageBatchReader();
  private readonly reader = new ByteReader();
  private readonly uids = new UidCache();
  /** Whether something of it waits for its response, by the batch's connection numbers. */
  private readonly waits = new Uint8Array(MAX_CONNECTIONS);
  /** States by the same. */
  private inBatch: ConnectionState[] = [];

  constructor(options: DecodeOptions) {
    this.counters = options.counters ?? decodeCounters();
    this.commands = new CommandIntake(options, this.counters, this.texts);
    this.table = new ConnectionTable(options.tracksChanges ?? false);
    this.onBegin = options.onBegin;
    this.onUnpaired = options.onUnpaired;
    this.onEnded = options.onEnded;
  }

  step(input: Buffer, emit: (output: AuditEvent | Loss) => void): void {
    const { batch, table, lastBatch } = this;
    this.inBatch = [];
    lastBatch.outcome = 'read';
    lastBatch.serverId = '';
    if (!batch.open(input)) {
      this.counters.unreadableBatches++;
      lastBatch.outcome = unreadableOutcome(input);
      return;
    }
    for (const state of table.beginBatch(batch.edgeId, batch.runUs)) this.abandon(state, emit);
    while (batch.next()) {
      if (batch.kind === MESSAGE_KIND.connection) this.announce();
      else this.message(emit);
    }
    if (batch.broken) {
      this.counters.brokenBatches++;
      lastBatch.outcome = 'truncated';
    }
    this.detach();
    for (const state of table.endBatch(batch.edgeId, batch.timeUs)) this.abandon(state, emit);
  }

  /** Connections with state. */
  stateKeys(): IterableIterator<string> {
    return this.table.states.keys();
  }

  private announce(): void {
    const { batch, table } = this;
    const state = this.uids.find(batch.bytes, batch.start) ?? this.announced();
    if (table.tracksChanges) table.touch(state.facts.uid);
    if (this.inBatch.length === 0) this.lastBatch.serverId = state.facts.serverId;
    this.inBatch.push(state);
  }

  private announced(): ConnectionState {
    const { batch, table } = this;
    const uid = batch.bytes.toString('hex', batch.start, batch.start + 16);
    let state = table.states.get(uid);
    if (state === undefined) {
      state = new ConnectionState(connectionFacts(uid, batch.serverId, batch.bytes, batch.start));
      state.edgeId = batch.edgeId;
      state.runUs = batch.runUs;
      state.lastSequence = table.endedAt(uid);
    } else this.uids.remember(batch.bytes, batch.start, state);
    return state;
  }

  /** What waits may wait for long, and is not to keep the batch in memory. Others are not touched again: they are cold by now. */
  private detach(): void {
    const { inBatch, waits } = this;
    for (let i = 0; i < inBatch.length; i++) if (waits[i] !== 0) inBatch[i]!.detach();
    waits.fill(0, 0, inBatch.length);
    this.inBatch = [];
  }

  private message(emit: (output: AuditEvent | Loss) => void): void {
    const { batch, table } = this;
    const state = this.inBatch[batch.connection];
    if (state === undefined) {
      this.counters.unannouncedMessages++;
      return;
    }
    if (batch.sequence <= state.lastSequence) {
      this.counters.repeatedMessages++;
      return;
    }
    const missed = batch.sequence - state.lastSequence - 1;
    if (missed > 0) this.miss(state, missed, emit);
    state.lastSequence = batch.sequence;
    state.lastUs = batch.timeUs;
    if (!state.isKept) table.keep(state);
    this.counters.messages++;
    switch (batch.kind) {
      case MESSAGE_KIND.command:
        this.commands.take(state, batch, emit);
        break;
      case MESSAGE_KIND.response:
        this.response(state, emit);
        break;
      case MESSAGE_KIND.greeting:
        addGreeting(state, this.reader.reset(batch.bytes, batch.start, batch.end));
        break;
      case MESSAGE_KIND.login:
        this.login(state, emit);
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
    this.waits[batch.connection] = state.oldest === null ? 0 : 1;
    if (this.texts.isFull) this.counters.forgottenTexts += this.texts.relieve(table, emit);
  }

  /** Numbers of messages of a connection never came: any command, any response may be among them. */
  private miss(state: ConnectionState, count: number, emit: (output: AuditEvent | Loss) => void): void {
    this.counters.missedMessages += count;
    this.commands.cut(state, emit);
    state.loseClientBytes();
    state.markGap();
  }

  private response(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    const { login } = state;
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
    const event = state.pendingOf(batch.requestSequence);
    if (event === null) {
      this.unpaired(state);
      return;
    }
    addResponse(state, event, batch);
    if (batch.flags & MESSAGE_FLAG.moreResults) return;
    state.takePending(event);
    if (event.command === 'prepare' && event.sql !== null) this.texts.add(event.sql.end - event.sql.start);
    emit(event);
  }

  private login(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    if (!addLogin(state, this.reader.reset(batch.bytes, batch.start, batch.end))) return;
    if (state.login !== null) emit(state.login);
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
      this.unpaired(state);
      return;
    }
    const event = this.connectEvent(state);
    addResponse(state, event, this.batch);
    // No login will come.
    state.capabilities ??= 0;
    emit(event);
  }

  private connectEvent(state: ConnectionState): AuditEvent {
    const { batch } = this;
    const event = state.newEvent('connect', batch.sequence, batch.timeUs);
    event.requestBytes = batch.kind === MESSAGE_KIND.response ? 0 : batch.end - batch.start + 4;
    this.onBegin?.(event);
    return event;
  }

  private unpaired(state: ConnectionState): void {
    this.counters.unpairedResponses++;
    this.onUnpaired?.(state.facts, this.batch.timeUs);
  }

  private gap(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    const { batch } = this;
    if (batch.end - batch.start < GAP_BYTES) return;
    this.counters.gaps++;
    const fromClient = batch.bytes[batch.start] === 1;
    if (batch.flags & MESSAGE_FLAG.within) state.clientGaps++;
    else if (fromClient || state.login !== null) state.loseClientBytes();
    const fromByte = batch.bytes.readDoubleLE(batch.start + 1);
    emit(new Loss(state.facts, batch.timeUs, 'gap', batch.sequence, fromClient, fromByte, batch.count));
  }

  private proxied(state: ConnectionState): void {
    const { batch } = this;
    if (batch.end - batch.start >= PROXIED_BYTES) state.facts = proxiedFacts(state.facts, batch.bytes, batch.start);
  }

  private close(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    for (const loss of closeLosses(state, this.batch)) emit(loss);
    if (isGivenUp(state)) emit(this.connectEvent(state));
    this.endCommands(state, emit);
  }

  /** Its edge began anew, or it has been silent for too long: what waits for a response gets none. */
  private abandon(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    this.commands.cut(state, emit);
    state.markGap();
    this.endCommands(state, emit);
  }

  private endCommands(state: ConnectionState, emit: (output: AuditEvent | Loss) => void): void {
    for (const event of state.takeWaiting()) emit(event);
    this.commands.fragments.clear(state);
    this.table.end(state);
    this.uids.forget(state);
    this.onEnded?.(state.facts, state.lastUs);
  }
}

/** The server greeted, and the client went without a login: what scans do. Where bytes are missing the login may have been in them. */
function isGivenUp({ serverVersion, capabilities, isTls, clientGaps, login }: ConnectionState): boolean {
  return serverVersion !== '' && capabilities === null && !isTls && clientGaps === 0 && login === null;
}
