import { sqlLiteral } from '../store/sql-literal.ts';
import type { DetectionClient } from './detection-scheduler.ts';

/** Windows of one detection that were evaluated together. */
export interface EvaluatedSpan {
  readonly name: string;
  readonly windows: readonly number[];
  /** By window, how many findings; absent: none. */
  readonly findings: ReadonlyMap<number, number>;
}

/** How far the clocks of replicas, and what they know of each other's inserts, may be apart. */
const REPLICA_MARGIN_NS = 60_000_000_000n;
/** Rows of one INSERT, whose text the engine bounds at 256 KiB. */
const ROWS_AT_ONCE = 2000;

/** What `detection_windows` holds: which windows were evaluated, and with what knowledge. Versions are ns of the database's clock. */
export class EvaluatedWindows {
  private readonly client: DetectionClient;
  private readonly marginNs: bigint;
  private readonly versions = new Map<string, Map<number, bigint>>();

  private constructor(client: DetectionClient, isReplicated: boolean) {
    this.client = client;
    this.marginNs = isReplicated ? REPLICA_MARGIN_NS : 0n;
  }

  /** Reads those of versions not before `since`. */
  static async read(client: DetectionClient, since: bigint): Promise<EvaluatedWindows> {
    const engine = await client.rows(
      "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'detection_windows' AND startsWith(engine, 'Replicated')",
    );
    const read = new EvaluatedWindows(client, engine.length > 0);
    const rows = await client.rows(
      `SELECT detection, toUnixTimestamp(window_start) AS w, toString(max(version)) AS v FROM detection_windows WHERE version >= ${since} GROUP BY detection, w`,
    );
    for (const row of rows)
      read.own(String(row['detection'])).set(Number(row['w']), BigInt(String(row['v'])) - read.marginNs);
    return read;
  }

  /** By window of this detection, the version of its last evaluation. */
  of(name: string): ReadonlyMap<number, bigint> {
    return this.own(name);
  }

  /** Writes down what was evaluated with the knowledge of `version`. */
  async record(spans: readonly EvaluatedSpan[], version: bigint): Promise<void> {
    const rows = spans.flatMap(({ name, windows, findings }) =>
      windows.map((window) => `(${sqlLiteral(name)}, ${window}, ${findings.get(window) ?? 0})`),
    );
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
      // SELECT, not VALUES: to the values of an INSERT the embedded engine adds what it finds on standard input.
      await this.client.command(
        `INSERT INTO detection_windows (detection, window_start, version, findings) SELECT w.1, toDateTime(w.2, 'UTC'), ${version}, w.3 FROM (SELECT arrayJoin([${rows.slice(at, at + ROWS_AT_ONCE).join(', ')}]) AS w)`,
      );
    for (const { name, windows } of spans) {
      const own = this.own(name);
      for (const window of windows) own.set(window, version - this.marginNs);
    }
  }

  /** No mark from before is read any more that these could be newer than. */
  forgetBefore(since: bigint): void {
    for (const windows of this.versions.values()) {
      for (const [window, version] of windows) if (version < since) windows.delete(window);
    }
  }

  private own(name: string): Map<number, bigint> {
    let windows = this.versions.get(name);
    if (windows === undefined) {
      windows = new Map();
      this.versions.set(name, windows);
    }
    return windows;
  }
}
