import { WINDOW_S } from './detection-query.ts';

/** When each minute's facts last changed, by the minute's start in seconds since the epoch; ns of the database's clock. */
export type Marks = ReadonlyMap<number, bigint>;

/** Windows of one day that lie near each other, evaluated by one query. */
export interface WindowSpan {
  /** Those that are due, in order. */
  readonly windows: readonly number[];
  readonly first: number;
  /** The first second behind the last window. */
  readonly until: number;
}

/** Spans end with the day: a bound for the memory of one query, and detections compare with the days before. */
const DAY_S = 86_400;
/** Between windows that are due further apart it is cheaper to ask twice. */
const GAP_S = 3600;

/**
 * The windows that want evaluating: those with facts whose minute is over, never evaluated, or before facts that they read came.
 * Windows without facts of their own cannot find anything.
 *
 * @param steps How many minutes before it a window reads.
 * @param evaluated By window, the database's time from before its facts were read.
 * @param endedBefore Seconds since the epoch: windows that end later wait.
 */
export function dueWindows(
  marks: Marks,
  steps: number,
  evaluated: ReadonlyMap<number, bigint>,
  endedBefore: number,
): number[] {
  const due: number[] = [];
  for (const window of marks.keys()) {
    if (window + WINDOW_S > endedBefore) continue;
    const version = evaluated.get(window);
    if (version === undefined || newestMark(marks, window - steps * WINDOW_S, window) >= version) due.push(window);
  }
  return due.sort((a, b) => a - b);
}

function newestMark(marks: Marks, first: number, last: number): bigint {
  let newest = 0n;
  for (let minute = first; minute <= last; minute += WINDOW_S) {
    const mark = marks.get(minute) ?? 0n;
    if (mark > newest) newest = mark;
  }
  return newest;
}

/** Windows as spans. @param windows In order. */
export function spansOf(windows: readonly number[]): WindowSpan[] {
  const spans: { first: number; until: number; windows: number[] }[] = [];
  for (const window of windows) {
    const last = spans.at(-1);
    const isNear = last !== undefined && window - last.until <= GAP_S;
    if (isNear && Math.floor(window / DAY_S) === Math.floor(last.first / DAY_S)) {
      last.until = window + WINDOW_S;
      last.windows.push(window);
    } else spans.push({ first: window, until: window + WINDOW_S, windows: [window] });
  }
  return spans;
}
