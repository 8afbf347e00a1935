import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { Loss } from '../../schemas/loss.ts';
import type { BlobKeeper, BlobSource, StatefulStage } from '../stage.ts';
import { EDGES_KEY } from './connection-table.ts';
import { Decode } from './decode.ts';
import { readEdges, writeEdges } from './edge-state.ts';
import { readState, writeEnded, writeState } from './state-codec.ts';

/**
 * Decode whose connections can move to another process. Apart from `Decode`, because reading a state needs a schema library
 * that costs 60 ms and 10 MiB, which a run in one process need not pay.
 */
export class RestorableDecode extends Decode implements StatefulStage<Buffer, AuditEvent | Loss> {
  takeChanged(): ReadonlySet<string> {
    return this.table.takeChanged();
  }

  exportState(key: string, blobs?: BlobKeeper): string | null {
    if (key === EDGES_KEY) return writeEdges(this.table.edges);
    const state = this.table.states.get(key);
    if (state !== undefined) return writeState(state, blobs);
    const sequence = this.table.endedAt(key);
    return sequence === 0 ? null : writeEnded(sequence);
  }

  importState(key: string, text: string, blobs?: BlobSource): boolean {
    if (key === EDGES_KEY) return readEdges(text, this.table.edges);
    const state = readState(key, text, blobs);
    if (state === null) return false;
    if (typeof state === 'number') {
      this.table.rememberEnded(key, state);
      return true;
    }
    this.table.keep(state);
    this.commands.fragments.restored(state);
    this.texts.restored(state);
    return true;
  }
}
