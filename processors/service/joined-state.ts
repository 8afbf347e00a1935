import type { BlobKeeper, BlobSource, StatefulStage } from '../stage.ts';

/** The part of a stage that its changelog needs. */
export type KeptState = Pick<StatefulStage<unknown, unknown>, 'takeChanged' | 'exportState' | 'importState'>;

/** What the second of two stages remembers is kept under keys of its own. */
const SECOND_PREFIX = 'identify/';

/** What two stages of a task remember, as one. */
export class JoinedState implements KeptState {
  private readonly first: KeptState | null;
  private readonly second: KeptState;

  constructor(first: KeptState | null, second: KeptState) {
    this.first = first;
    this.second = second;
  }

  takeChanged(): ReadonlySet<string> {
    const changed = new Set(this.first?.takeChanged());
    for (const key of this.second.takeChanged()) changed.add(SECOND_PREFIX + key);
    return changed;
  }

  exportState(key: string, blobs?: BlobKeeper): string | null {
    return key.startsWith(SECOND_PREFIX)
      ? this.second.exportState(key.slice(SECOND_PREFIX.length), blobs)
      : (this.first?.exportState(key, blobs) ?? null);
  }

  importState(key: string, state: string, blobs?: BlobSource): boolean {
    return key.startsWith(SECOND_PREFIX)
      ? this.second.importState(key.slice(SECOND_PREFIX.length), state, blobs)
      : (this.first?.importState(key, state, blobs) ?? false);
  }
}
