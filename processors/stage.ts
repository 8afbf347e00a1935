/**
 * One step of the pipeline: pure but for its own state, which can be written out and restored, so that a connection can move
 * to another process between two inputs. Time comes with the input; a stage has no clock and does no I/O.
 */
export interface Stage<In, Out> {
  /** Takes one input and emits what follows from it, in order. Bad input is counted and never thrown. */
  step(input: In, emit: (output: Out) => void): void;
}

/** Keeps long parts of a state aside, so that they are not written again with each change of it. */
export interface BlobKeeper {
  /**
   * @param owner Stands for the bytes: the same object, the same bytes.
   * @param bytes Called where they are not kept yet.
   * @returns Their number, to be written into the state. What an export does not name is forgotten.
   */
  keep(owner: object, bytes: () => Buffer): number;
}

/** The bytes of a number; null where they are gone. */
export type BlobSource = (blob: number) => Buffer | null;

/**
 * A stage that remembers something of each connection. Keys are connection uids, or words for what it knows beside them; values
 * are opaque text (JSON).
 */
export interface StatefulStage<In, Out> extends Stage<In, Out> {
  /** Connections with state. */
  stateKeys(): IterableIterator<string>;
  /** The state of one connection; null when there is none (any more). Without a keeper everything is in the text. */
  exportState(key: string, blobs?: BlobKeeper): string | null;
  /** Replaces the state of a connection. @returns false when the text is not a state this version reads; nothing changes then. */
  importState(key: string, state: string, blobs?: BlobSource): boolean;
  /** The keys whose state may have changed since the last call; to be asked for at construction. */
  takeChanged(): ReadonlySet<string>;
}
