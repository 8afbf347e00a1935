// Hot path
import { COMMAND, COMMAND_RESPONSE, RESPONSE } from '../../protocol/commands.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { MESSAGE_FLAG } from '../../schemas/message-batch.ts';
import type { MessageBatchReader } from '../../schemas/message-batch-reader.ts';
import type { TextLoss } from '../../schemas/sql-text.ts';
import { CommandEvents } from './command-event.ts';
import { CommandFragments } from './command-fragments.ts';
import type { ConnectionState } from './connection-state.ts';
import type { DecodeCounters } from './decode-counters.ts';
import type { DecodeOptions } from './decode-options.ts';
import type { KeptTexts } from './kept-texts.ts';

type Emit = (event: AuditEvent) => void;

/** Messages of kind `command` → events that wait for their response, or go on where none comes. Fragments are joined first. */
export class CommandIntake {
  readonly fragments = new CommandFragments();
  private readonly events: CommandEvents;
  private readonly onBegin: DecodeOptions['onBegin'];
  private readonly counters: DecodeCounters;
  private readonly texts: KeptTexts;

  constructor(options: DecodeOptions, counters: DecodeCounters, texts: KeptTexts) {
    this.events = new CommandEvents(options.keepsRaw);
    this.onBegin = options.onBegin;
    this.counters = counters;
    this.texts = texts;
  }

  take(state: ConnectionState, batch: MessageBatchReader, emit: Emit): void {
    const { flags } = batch;
    let { bytes, start, end, sequence } = batch;
    if (flags & MESSAGE_FLAG.continued && state.fragmentSequence === 0) {
      this.counters.orphanFragments++;
      return;
    }
    if (flags & MESSAGE_FLAG.moreFragments) {
      this.fragments.add(state, batch);
      return;
    }
    const isTruncated = (flags & MESSAGE_FLAG.truncated) !== 0;
    const hash = isTruncated ? bytes.toString('hex', start, Math.min(end, start + 32)) : '';
    if (state.fragmentSequence !== 0) {
      if (!isTruncated) this.fragments.add(state, batch);
      sequence = state.fragmentSequence;
      bytes = this.fragments.take(state);
      start = 0;
      end = bytes.length;
    }
    this.begin(state, sequence, batch.timeUs, bytes, start, end, batch.count, flags, hash, emit);
  }

  /** The next fragment of a command never comes: what there is of it goes on, marked. */
  cut(state: ConnectionState, emit: Emit): void {
    const { fragmentSequence, lastUs } = state;
    if (fragmentSequence === 0) return;
    const bytes = this.fragments.take(state);
    this.begin(state, fragmentSequence, lastUs, bytes, 0, bytes.length, bytes.length, MESSAGE_FLAG.gap, '', emit);
  }

  /** @param length True length of the command. @param hash Of its text, where it was cut for its length. */
  private begin(
    state: ConnectionState,
    sequence: number,
    timeUs: number,
    bytes: Buffer,
    start: number,
    end: number,
    length: number,
    flags: number,
    hash: string,
    emit: Emit,
  ): void {
    const isCut = (flags & (MESSAGE_FLAG.truncated | MESSAGE_FLAG.gap)) !== 0 || end - start < length;
    const loss: TextLoss = isCut ? 'tail' : 'none';
    const event = this.events.begin(state, sequence, timeUs, bytes, start, end, length, loss);
    event.statementHash = hash;
    if (flags & MESSAGE_FLAG.gap) event.completeness = 'gap';
    else if (isCut) event.completeness = 'truncated';
    else if (flags & MESSAGE_FLAG.midstream && event.completeness === 'complete') event.completeness = 'midstream';
    this.counters.commands++;
    this.texts.add(end - start);
    this.onBegin?.(event);
    // For those without a response the edge sends none.
    if (COMMAND_RESPONSE[start < end ? bytes[start]! : COMMAND.sleep] === RESPONSE.none) {
      emit(event);
      return;
    }
    const oldest = state.addPending(event);
    if (oldest !== null) emit(oldest);
  }
}
