// Hot path
import type { MessageBatchReader } from '../../schemas/message-batch-reader.ts';
import type { ConnectionState } from './connection-state.ts';

/** Fragments of one command are joined up to this length, the edge's own limit. */
const JOIN_LIMIT_BYTES = 64 * 1024 * 1024;
/** And those of all connections up to this: beyond it, what comes is cut. */
const ALL_FRAGMENTS_BYTES = 128 * 1024 * 1024;

/** Fragments of commands that are not whole yet; they lie in the states of their connections. */
export class CommandFragments {
  /** Bytes of all of them. */
  private bytes = 0;

  /** Without room for one fragment all later ones of the command are left out too: the text is cut, not patched together. */
  add(state: ConnectionState, batch: MessageBatchReader): void {
    const bytes = batch.end - batch.start;
    if (state.fragmentSequence === 0) state.fragmentSequence = batch.sequence;
    if (state.fragmentBytes + bytes > JOIN_LIMIT_BYTES || this.bytes + bytes > ALL_FRAGMENTS_BYTES)
      state.isFragmentCut = true;
    if (state.isFragmentCut) return;
    state.fragments.push(Buffer.from(batch.bytes.subarray(batch.start, batch.end)));
    state.fragmentBytes += bytes;
    this.bytes += bytes;
  }

  /** What there is of the command, which ends with it. */
  take(state: ConnectionState): Buffer {
    const bytes = Buffer.concat(state.fragments);
    this.clear(state);
    return bytes;
  }

  clear(state: ConnectionState): void {
    this.bytes -= state.fragmentBytes;
    state.fragments = [];
    state.fragmentBytes = 0;
    state.fragmentSequence = 0;
    state.isFragmentCut = false;
  }

  restored(state: ConnectionState): void {
    this.bytes += state.fragmentBytes;
  }
}
