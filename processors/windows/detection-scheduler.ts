import type { Finding } from '../../schemas/finding.ts';
import type { Rule } from '../detect/rule.ts';
import { PROFILES, profileSql } from './account-profiles.ts';
import { type DetectionQuery, evaluationSql, WINDOW_S } from './detection-query.ts';
import { dueWindows, spansOf, type WindowSpan } from './due-windows.ts';
import { type EvaluatedSpan, EvaluatedWindows } from './evaluated-windows.ts';
import { factMinutes, reached } from './fact-minutes.ts';
import { originOf, scheduledPart, withdrawnPart } from './scheduled-parts.ts';
import { writtenOrigins, writtenParts } from './written-parts.ts';

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

/** What is due of one detection. */
interface DueDetection {
  readonly detection: DetectionQuery;
  readonly rule: Rule;
  readonly windows: readonly number[];
}

/**
 * Evaluates the scheduled detections, window by window: each once when its minute is over, and again when facts came late. What was
 * evaluated, and with what knowledge, is in `detection_windows`, written behind the findings; a process that ends in between does the
 * window again, with the same ids. One scheduler should work at a time: two would do the same work twice, to the same end.
 */
export class DetectionScheduler {
  private readonly parts: SchedulerParts;
  /** Null until it is read. */
  private evaluated: EvaluatedWindows | null = null;

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
    const { client, horizonS = DAY_S } = this.parts;
    // From before marks and facts are read: what comes behind it makes its windows due again.
    const version = await this.now();
    const since = horizonS === null ? 0n : version - BigInt(horizonS) * SECOND_NS;
    this.evaluated ??= await EvaluatedWindows.read(client, since);
    const marks = await this.readMarks(since);
    const endedBefore = isLast ? Number.POSITIVE_INFINITY : Number(version / SECOND_NS) - DELAY_S;
    // Profiles first: detections compare with them, by times that what comes later does not change.
    await this.profile(this.evaluated, dueWindows(marks, 0, this.evaluated.of(PROFILES), endedBefore), version);
    let due: DueDetection[] = [];
    for (const detection of this.parts.detections) {
      const rule = this.parts.rule(detection.rule);
      if (rule === undefined) continue;
      const windows = dueWindows(marks, detection.steps, this.evaluated.of(detection.name), endedBefore);
      due.push({ detection, rule, windows });
    }
    const all = [...new Set(due.flatMap(({ windows }) => windows))].sort((a, b) => a - b);
    const turn = { windows: 0, parts: 0 };
    for (const span of spansOf(all)) {
      const failed = await this.evaluateSpan(this.evaluated, span, due, version, turn);
      due = due.filter(({ detection }) => !failed.has(detection.name));
    }
    this.evaluated.forgetBefore(since);
    return turn;
  }

  private async profile(evaluated: EvaluatedWindows, due: readonly number[], version: bigint): Promise<void> {
    for (const { first, until, windows } of spansOf(due)) {
      await this.parts.client.command(profileSql(first, until));
      await evaluated.record([{ name: PROFILES, windows, findings: new Map() }], version);
    }
  }

  /** Adds to `turn`. @returns Detections that could not be evaluated. */
  private async evaluateSpan(
    evaluated: EvaluatedWindows,
    { first, until }: WindowSpan,
    all: readonly DueDetection[],
    version: bigint,
    turn: { windows: number; parts: number },
  ): Promise<ReadonlySet<string>> {
    const { client, onFailure } = this.parts;
    const due = all.flatMap(({ windows, ...each }) => {
      const within = windows.filter((window) => window >= first && window < until);
      return within.length === 0 ? [] : [{ ...each, windows: within }];
    });
    const minutes = await factMinutes(
      client,
      due.map(({ detection }) => detection),
      first,
      until,
    );
    // What was evaluated so long ago that it is not known any more is asked for, too.
    const fresh = Number(version / SECOND_NS) - HOUR_S;
    const isAgain = (name: string, window: number) => evaluated.of(name).has(window) || window < fresh;
    const isAnyAgain = due.some(({ detection, windows }) => windows.some((window) => isAgain(detection.name, window)));
    const written = isAnyAgain ? await writtenOrigins(client, first, until) : new Set<string>();
    const done: EvaluatedSpan[] = [];
    const failed = new Set<string>();
    for (const each of due) {
      const { name, steps } = each.detection;
      try {
        const origins = each.windows
          .filter((window) => isAgain(name, window))
          .map((window) => originOf(name, window))
          .filter((origin) => written.has(origin));
        const worth = reached(each.windows, minutes.get(name) ?? null, steps);
        const findings = new Map<number, number>();
        turn.parts += await this.evaluate(each, worth, origins, Number(version / 1000n), findings);
        turn.windows += each.windows.length;
        done.push({ name, windows: each.windows, findings });
      } catch (error) {
        failed.add(name);
        onFailure(name, error);
      }
    }
    await evaluated.record(done, version);
    return failed;
  }

  /**
   * Publishes what is found in windows of one day, and takes back what is not found there any more.
   *
   * @param windows In order, those that may find anything.
   * @param origins Of parts that earlier evaluations wrote.
   * @param findings Gets how many findings each window has. @returns How many parts were published.
   */
  private async evaluate(
    { detection, rule }: DueDetection,
    windows: readonly number[],
    origins: readonly string[],
    version: number,
    findings: Map<number, number>,
  ): Promise<number> {
    const { client, publish, isSuppressed } = this.parts;
    const isDue = new Set(windows);
    const found = new Map<string, Finding>();
    const rows =
      windows.length === 0
        ? []
        : await client.rows(evaluationSql(detection, windows[0]!, windows.at(-1)! + WINDOW_S, MOST_ROWS));
    for (const row of rows) {
      const [window, part] = scheduledPart(row, { detection, rule, version });
      if (!isDue.has(window) || isSuppressed?.(part) === true) continue;
      found.set(`${part.origin} ${part.finding_id}`, part);
      findings.set(window, (findings.get(window) ?? 0) + 1);
    }
    const earlier = origins.length === 0 ? [] : await writtenParts(client, origins);
    const withdrawn = earlier
      .filter((part) => !found.has(`${part.origin} ${part.finding_id}`))
      .map((part) => withdrawnPart(part, version));
    const parts = [...found.values(), ...withdrawn];
    if (parts.length > 0) await publish(parts);
    return parts.length;
  }

  private async readMarks(since: bigint): Promise<Map<number, bigint>> {
    const rows = await this.parts.client.rows(
      `SELECT toUnixTimestamp(minute) AS m, toString(max(marked_at)) AS marked FROM rollup_marks WHERE marked_at >= ${since} GROUP BY m`,
    );
    return new Map(rows.map((row) => [Number(row['m']), BigInt(String(row['marked']))]));
  }

  /** The database's clock, ns since the epoch. */
  private async now(): Promise<bigint> {
    const [row] = await this.parts.client.rows('SELECT toString(toUnixTimestamp64Nano(now64(9))) AS ns');
    const ns = String(row?.['ns']);
    if (!/^\d+$/.test(ns)) throw new Error('The database does not tell its time.');
    return BigInt(ns);
  }
}
