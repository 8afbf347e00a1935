/** Capture seconds before this many minutes are no longer told apart. */
const MAX_MINUTES = 7 * 24 * 60;

/**
 * Splits a span into whole seconds by minute, at most the last 7 days of it: what lies before is counted in the first of these minutes.
 * @param fromSecond First second since the epoch. @param toSecond The one after the last.
 */
export function secondsByMinute(fromSecond: number, toSecond: number): { minuteMs: number; seconds: number }[] {
  const spans: { minuteMs: number; seconds: number }[] = [];
  if (toSecond <= fromSecond) return spans;
  const firstMinute = Math.max(Math.floor(fromSecond / 60), Math.ceil(toSecond / 60) - MAX_MINUTES);
  for (let minute = firstMinute; minute * 60 < toSecond; minute++) {
    const from = minute === firstMinute ? fromSecond : minute * 60;
    spans.push({ minuteMs: minute * 60_000, seconds: Math.min(toSecond, (minute + 1) * 60) - from });
  }
  return spans;
}
