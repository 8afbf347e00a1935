// Hot path
import type { ConnectionState } from './connection-state.ts';

/** Beside the uids of connections: the key of what is known of the edges. */
export const EDGES_KEY = 'edges';
/** Edges known to one partition; beyond it the one known longest is learnt anew. */
export const MAX_EDGES = 4096;
/** A connection that sends nothing for so long has ended without anybody telling; a server's wait_timeout is 8 h. */
const IDLE_US = 9 * 3600 * 1e6;
const SWEEP_US = 3600 * 1e6;
/** A live edge that was not heard for as many hours of another one is gone. Counted one by one: a clock may run ahead. */
const SILENT_HOURS = 9;
/** Connections that ended are remembered, so that what comes again of them is skipped. */
const MAX_ENDED = 16_384;

/** What is known of an edge. */
export interface EdgeRun {
  runUs: number;
  /** The latest capture time seen. */
  nowUs: number;
  /** When its idle connections were last looked for. */
  sweptUs: number;
  /** Hours that another edge went on for without a batch of this one, and which edge that is; empty: none yet. */
  silentHours: number;
  heardBy: string;
}

/** The connections of a partition: those that are open, and the last of those that ended. */
export class ConnectionTable {
  readonly states = new Map<string, ConnectionState>();
  readonly edges = new Map<string, EdgeRun>();
  /** Uid and last sequence, in the order in which they ended. */
  private readonly ended = new Map<string, number>();
  readonly tracksChanges: boolean;
  private changed = new Set<string>();

  /** @param tracksChanges Whether `takeChanged` will be called. */
  constructor(tracksChanges: boolean) {
    this.tracksChanges = tracksChanges;
  }

  /** The keys touched since the last call. */
  takeChanged(): ReadonlySet<string> {
    const taken = this.changed;
    this.changed = new Set();
    return taken;
  }

  touch(key: string): void {
    if (this.tracksChanges) this.changed.add(key);
  }

  /** How far a connection that ended had come; 0 where that is not known. */
  endedAt(uid: string): number {
    return this.ended.get(uid) ?? 0;
  }

  keep(state: ConnectionState): void {
    const { uid } = state.facts;
    const before = this.states.get(uid);
    // Whoever still has the one that it replaces sees that it is not.
    if (before !== undefined) before.isKept = false;
    state.isKept = true;
    this.states.set(uid, state);
    this.ended.delete(uid);
  }

  /** The connection has ended. Within one process nothing comes twice, and nothing is remembered of it. */
  end(state: ConnectionState): void {
    const { uid } = state.facts;
    state.isKept = false;
    this.states.delete(uid);
    this.touch(uid);
    if (state.edgeId !== '') this.rememberEnded(uid, state.lastSequence);
  }

  rememberEnded(uid: string, sequence: number): void {
    this.ended.delete(uid);
    this.ended.set(uid, sequence);
    if (this.ended.size <= MAX_ENDED) return;
    const oldest = this.ended.keys().next().value!;
    this.ended.delete(oldest);
    this.touch(oldest);
  }

  /** @returns The connections of earlier runs of the edge, which have ended where this run is a new one. */
  beginBatch(edgeId: string, runUs: number): readonly ConnectionState[] {
    const edge = this.edges.get(edgeId);
    if (edge === undefined) {
      if (this.edges.size >= MAX_EDGES) this.edges.delete(this.edges.keys().next().value!);
      this.edges.set(edgeId, { runUs, nowUs: 0, sweptUs: 0, silentHours: 0, heardBy: '' });
      this.touch(EDGES_KEY);
      return NONE;
    }
    if (edge.heardBy !== '') {
      edge.silentHours = 0;
      edge.heardBy = '';
      this.touch(EDGES_KEY);
    }
    if (runUs <= edge.runUs) return NONE;
    edge.runUs = runUs;
    this.touch(EDGES_KEY);
    return this.select((state) => state.edgeId === edgeId && state.runUs < runUs);
  }

  /**
   * @returns The edge's connections that have been idle for too long, and those of edges that do not return: looked for once an hour of
   *   its capture time.
   */
  endBatch(edgeId: string, timeUs: number): readonly ConnectionState[] {
    const edge = this.edges.get(edgeId);
    if (edge === undefined || timeUs <= edge.nowUs) return NONE;
    if (edge.nowUs === 0) edge.sweptUs = timeUs;
    edge.nowUs = timeUs;
    this.touch(EDGES_KEY);
    if (timeUs - edge.sweptUs < SWEEP_US) return NONE;
    edge.sweptUs = timeUs;
    if (edge.runUs > 0) this.dropGone(edgeId);
    return this.select((state) =>
      state.edgeId === edgeId ? timeUs - state.lastUs > IDLE_US : !this.edges.has(state.edgeId),
    );
  }

  /** Edges of files have no clock to be measured by, and are not looked at. */
  private dropGone(heardBy: string): void {
    for (const [id, edge] of this.edges) {
      if (id === heardBy || edge.runUs === 0) continue;
      if (!this.edges.has(edge.heardBy)) {
        edge.heardBy = heardBy;
        edge.silentHours = 0;
      }
      if (edge.heardBy === heardBy && ++edge.silentHours > SILENT_HOURS) this.edges.delete(id);
    }
  }

  /** In the order of their uids: what follows must not depend on when a state was restored. */
  private select(isMeant: (state: ConnectionState) => boolean): ConnectionState[] {
    const states = [...this.states.values()].filter(isMeant);
    return states.sort((a, b) => (a.facts.uid < b.facts.uid ? -1 : 1));
  }
}

const NONE: readonly ConnectionState[] = [];
