export const MINUTE_MS = 60_000;
/** A reading so near to the start of a minute is taken as made there. */
const SNAP_MS = 1_000;

/** The start of a minute that is near, else the time itself. */
export function snapped(ms: number): number {
  const nearest = Math.round(ms / MINUTE_MS) * MINUTE_MS;
  return Math.abs(ms - nearest) <= SNAP_MS ? nearest : ms;
}

/** How much of a span lies in which minute, in order; at least one part, and the last ones where there are too many. */
export function minuteShares(fromMs: number, toMs: number, maxMinutes: number): { minuteMs: number; ms: number }[] {
  // What ends at the start of a minute happened in the one before.
  const lastMinute = Math.floor((toMs > fromMs ? toMs - 1 : toMs) / MINUTE_MS);
  const firstMinute = Math.max(Math.floor(fromMs / MINUTE_MS), lastMinute - maxMinutes + 1);
  const shares: { minuteMs: number; ms: number }[] = [];
  for (let minute = firstMinute; minute <= lastMinute; minute++) {
    const from = minute === firstMinute ? fromMs : minute * MINUTE_MS;
    shares.push({ minuteMs: minute * MINUTE_MS, ms: Math.min(toMs, (minute + 1) * MINUTE_MS) - from });
  }
  return shares;
}
