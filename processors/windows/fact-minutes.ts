import { type DetectionQuery, WINDOW_S, withTimes } from './detection-query.ts';

/** By detection, the minutes that have facts for it; null: not known, as its file names none. */
export type FactMinutes = ReadonlyMap<string, ReadonlySet<number> | null>;

/**
 * Asks for all detections at once which minutes have facts of theirs, replaced rows included: one pass over few columns, so that what
 * cannot find anything need not be evaluated.
 *
 * @param first Seconds since the epoch, whole minutes, as `until`; minutes that detections read before it are told too.
 */
export async function factMinutes(
  client: { rows(sql: string): Promise<Record<string, unknown>[]> },
  detections: readonly DetectionQuery[],
  first: number,
  until: number,
): Promise<FactMinutes> {
  const minutes = new Map<string, Set<number> | null>();
  const asked: Set<number>[] = [];
  const conditions: string[] = [];
  const from = first - WINDOW_S * Math.max(0, ...detections.map(({ steps }) => steps));
  for (const { name, facts } of detections) {
    minutes.set(name, facts === undefined ? null : new Set());
    if (facts === undefined) continue;
    conditions.push(`max(${withTimes(`(${facts})`, from, first, until)}) AS c${asked.length}`);
    asked.push(minutes.get(name)!);
  }
  if (asked.length === 0) return minutes;
  const rows = await client.rows(
    withTimes(
      `SELECT toUnixTimestamp(toStartOfMinute(event_time)) AS minute, ${conditions.join(', ')} FROM audit_events WHERE event_time >= {from} AND event_time < {until} GROUP BY minute`,
      from,
      first,
      until,
    ),
  );
  for (const row of rows) {
    const minute = Number(row['minute']);
    for (const [i, set] of asked.entries()) if (Number(row[`c${i}`]) > 0) set.add(minute);
  }
  return minutes;
}

/** Those of the windows that read a minute with facts. */
export function reached(
  windows: readonly number[],
  minutes: ReadonlySet<number> | null,
  steps: number,
): readonly number[] {
  if (minutes === null) return windows;
  return windows.filter((window) => {
    for (let step = 0; step <= steps; step++) if (minutes.has(window - step * WINDOW_S)) return true;
    return false;
  });
}
