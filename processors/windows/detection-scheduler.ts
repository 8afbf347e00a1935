import type { Finding } from '../../schemas/finding.ts';
import type { Rule } from '../detect/rule.ts';
import { sqlLiteral } from '../store/sql-literal.ts';
import { PROFILES, profileSql } from './account-profiles.ts';
import { type DetectionQuery, evaluationSql } from './detection-query.ts';
import { dueWindows, type Marks, spansOf, type WindowSpan } from './due-windows.ts';
import { type Evaluation, originOf, scheduledPart, withdrawnPart } from './scheduled-parts.ts';
import { writtenParts } from './written-parts.ts';

/** What the scheduler needs of a client. */
export interface DetectionClient {
  command(sql: string): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

export interface SchedulerParts {
  readonly client: DetectionClient;
  readonly detections: readonly DetectionQuery[];
  /** The rule of a detection; undefined: left out by configuration, and then not evaluated. */
  readonly rule: (id: string) => Rule | undefined;
  /** Whether nobody is to hear of what the rule found. */
  readonly isSuppressed?: (part: Finding) => boolean;
  /** Done when the parts will reach the table, whatever happens to this process. */
  readonly publish: (parts: readonly Finding[]) => Promise<void>;
  /** Told of a detection that cannot be evaluated; its windows stay due. */
  readonly onFailure: (detection: string, error: unknown) => void;
  /** What was marked longer ago, by the database's clock, stays as it is; null: nothing does. Default 24 h. */
  readonly horizonS?: number | null;
}

/** What a turn did. */
export interface Turn {
  /** Windows of detections evaluated. */
  readonly windows: number;
  /** Parts published, those taken back included. */
  readonly parts: number;
}

/** How long behind its end a window waits for its facts. */
const DELAY_S = 20;
const DAY_S = 86_400;
const HOUR_S = 3600;
const SECOND_NS = 1_000_000_000n;
/** Findings of one evaluation; more of one detection in a day are a flood of their own. */
const MOST_ROWS = 10_000;
/** How far the clocks of replicas, and what they know of each other's inserts, may be apart. */
const REPLICA_MARGIN_NS = 60_000_000_000n;

/**
 * Evaluates the scheduled detections, window by window: each once when its minute is over, and again when facts came late. What was
 * evaluated, and with what knowledge, is in `detection_windows`, written behind the findings; a process that ends in between does the
 * window again, with the same ids. One scheduler should work at a time: two would do the same work twice, to the same end.
 */
export class DetectionScheduler {
  private readonly parts: SchedulerParts;
  /** By detection and window, the version of its last evaluation; null until it is read. */
  private evaluated: Map<string, Map<number, bigint>> | null = null;
  private isReplicated = false;

  constructor(parts: SchedulerParts) {
    this.parts = parts;
  }

  /** Others may have evaluated since the last turn. */
  forget(): void {
    this.evaluated = null;
  }

  /**
   * Evaluates what is due now.
   *
   * @param isLast No facts follow: windows are not waited for.
   * @throws SqltrailError as the client does; what was done until then stands, the rest is still due.
   */
  async turn({ isLast = false } = {}): Promise<Turn> {
    const now = await this.now();
    const nowS = Number(now / SECOND_NS);
    const { horizonS = DAY_S } = this.parts;
    const since = horizonS === null ? 0n : now - BigInt(horizonS) * SECOND_NS;
    this.evaluated ??= await this.readEvaluated(since);
    const marks = await this.readMarks(since);
    const endedBefore = isLast ? Number.POSITIVE_INFINITY : nowS - DELAY_S;
    // Profiles first: detections compare with them, by times that what comes later does not change.
    await this.profile(marks, endedBefore);
    let windows = 0;
    let parts = 0;
    for (const detection of this.parts.detections) {
      const rule = this.parts.rule(detection.rule);
      if (rule === undefined) continue;
      try {
        for (const span of this.due(detection.name, marks, detection.steps, endedBefore)) {
          parts += await this.evaluate(detection, rule, span);
          windows += span.windows.length;
        }
      } catch (error) {
        this.parts.onFailure(detection.name, error);
      }
    }
    this.prune(since);
    return { windows, parts };
  }

  private due(name: string, marks: Marks, steps: number, endedBefore: number): WindowSpan[] {
    return spansOf(dueWindows(marks, steps, this.of(name), endedBefore));
  }

  private of(name: string): Map<number, bigint> {
    const evaluated = this.evaluated!;
    let windows = evaluated.get(name);
    if (windows === undefined) {
      windows = new Map();
      evaluated.set(name, windows);
    }
    return windows;
  }

  private async profile(marks: Marks, endedBefore: number): Promise<void> {
    for (const span of this.due(PROFILES, marks, 0, endedBefore)) {
      const version = await this.now();
      await this.parts.client.command(profileSql(span.first, span.until));
      await this.record(PROFILES, span, version, new Map());
    }
  }

  private async evaluate(detection: DetectionQuery, rule: Rule, span: WindowSpan): Promise<number> {
    const { client, publish, isSuppressed } = this.parts;
    const { name } = detection;
    const version = await this.now();
    const evaluation: Evaluation = { detection, rule, version: Number(version / 1000n) };
    const rows = await client.rows(evaluationSql(detection, span.first, span.until, MOST_ROWS));
    const isDue = new Set(span.windows);
    const found = new Map<string, Finding>();
    const perWindow = new Map<number, number>();
    for (const row of rows) {
      const [window, part] = scheduledPart(row, evaluation);
      if (!isDue.has(window) || isSuppressed?.(part) === true) continue;
      found.set(`${part.origin} ${part.finding_id}`, part);
      perWindow.set(window, (perWindow.get(window) ?? 0) + 1);
    }
    const evaluated = this.of(name);
    // What was evaluated so long ago that it is not known any more is asked for, too.
    const fresh = Number(version / SECOND_NS) - HOUR_S;
    const again = span.windows.filter((window) => evaluated.has(window) || window < fresh);
    const withdrawn: Finding[] = [];
    if (again.length > 0) {
      const origins = again.map((window) => originOf(name, window));
      for (const part of await writtenParts(client, origins)) {
        if (!found.has(`${part.origin} ${part.finding_id}`)) withdrawn.push(withdrawnPart(part, evaluation.version));
      }
    }
    const parts = [...found.values(), ...withdrawn];
    if (parts.length > 0) await publish(parts);
    await this.record(name, span, version, perWindow);
    return parts.length;
  }

  private async record(
    name: string,
    { windows }: WindowSpan,
    version: bigint,
    findings: ReadonlyMap<number, number>,
  ): Promise<void> {
    const rows = windows.map((window) => `(${window}, ${findings.get(window) ?? 0})`);
    // SELECT, not VALUES: to the values of an INSERT the embedded engine adds what it finds on standard input.
    await this.parts.client.command(
      `INSERT INTO detection_windows (detection, window_start, version, findings) SELECT ${sqlLiteral(name)}, toDateTime(w.1, 'UTC'), ${version}, w.2 FROM (SELECT arrayJoin([${rows.join(', ')}]) AS w)`,
    );
    const evaluated = this.of(name);
    for (const window of windows) evaluated.set(window, this.isReplicated ? version - REPLICA_MARGIN_NS : version);
  }

  private async readEvaluated(since: bigint): Promise<Map<string, Map<number, bigint>>> {
    const engine = await this.parts.client.rows(
      "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'detection_windows' AND startsWith(engine, 'Replicated')",
    );
    this.isReplicated = engine.length > 0;
    const rows = await this.parts.client.rows(
      `SELECT detection, toUnixTimestamp(window_start) AS w, toString(max(version)) AS v FROM detection_windows WHERE version >= ${since} GROUP BY detection, w`,
    );
    const evaluated = new Map<string, Map<number, bigint>>();
    for (const row of rows) {
      const name = String(row['detection']);
      let windows = evaluated.get(name);
      if (windows === undefined) {
        windows = new Map();
        evaluated.set(name, windows);
      }
      const version = BigInt(String(row['v']));
      windows.set(Number(row['w']), this.isReplicated ? version - REPLICA_MARGIN_NS : version);
    }
    return evaluated;
  }

  private async readMarks(since: bigint): Promise<Map<number, bigint>> {
    const rows = await this.parts.client.rows(
      `SELECT toUnixTimestamp(minute) AS m, toString(max(marked_at)) AS marked FROM rollup_marks WHERE marked_at >= ${since} GROUP BY m`,
    );
    return new Map(rows.map((row) => [Number(row['m']), BigInt(String(row['marked']))]));
  }

  /** No mark from before the horizon is read any more that these could be newer than. */
  private prune(since: bigint): void {
    for (const windows of this.evaluated?.values() ?? []) {
      for (const [window, version] of windows) if (version < since) windows.delete(window);
    }
  }

  /** The database's clock, ns since the epoch. */
  private async now(): Promise<bigint> {
    const [row] = await this.parts.client.rows('SELECT toString(toUnixTimestamp64Nano(now64(9))) AS ns');
    const ns = String(row?.['ns']);
    if (!/^\d+$/.test(ns)) throw new Error('The database does not tell its time.');
    return BigInt(ns);
  }
}
