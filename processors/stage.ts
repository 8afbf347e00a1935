/**
 * One step of the pipeline: pure but for its own state, which can be written out and restored, so that a connection can move
 * to another process between two inputs. Time comes with the input; a stage has no clock and does no I/O.
 */
export interface Stage<In, Out> {
  /** Takes one input and emits what follows from it, in order. Bad input is counted and never thrown. */
  step(input: In, emit: (output: Out) => void): void;
}

/** A stage that remembers something of each connection. Keys are connection uids, values are opaque text (JSON). */
export interface StatefulStage<In, Out> extends Stage<In, Out> {
  /** Connections with state. */
  stateKeys(): IterableIterator<string>;
  /** The state of one connection; null when there is none (any more). */
  exportState(key: string): string | null;
  /** Replaces the state of a connection. @returns false when the text is not a state this version reads; nothing changes then. */
  importState(key: string, state: string): boolean;
}
