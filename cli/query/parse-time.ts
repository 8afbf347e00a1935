import { SqltrailError } from '../../runtime/errors.ts';
import { isoTime } from '../../schemas/iso-time.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Date, optionally a time to the microsecond, optionally a zone; UTC where there is none. */
const ABSOLUTE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * A point in time as the engine reads it, `YYYY-MM-DD hh:mm:ss.ffffff` in UTC.
 *
 * @param option For the message, as `--since`.
 * @param text `1h` (that long before now; units s m h d w) or an ISO 8601 date or time.
 * @throws SqltrailError `query_invalid`
 */
export function parseTime(option: string, text: string, nowMs: number): string {
  const relative = /^(\d{1,9})([smhdw])$/.exec(text);
  const us =
    relative === null
      ? absoluteUs(text)
      : (nowMs - Number(relative[1]) * (UNIT_SECONDS[relative[2]!] ?? 0) * 1000) * 1000;
  if (Number.isNaN(us)) {
    throw new SqltrailError(
      'query_invalid',
      `The value of ${option} is no time.`,
      `Write it like ${option} 1h (units s m h d w), 2026-01-31 or 2026-01-31T12:00:00Z.`,
    );
  }
  return isoTime(us).slice(0, -1).replace('T', ' ');
}

function absoluteUs(text: string): number {
  const match = ABSOLUTE.exec(text);
  if (match === null) return Number.NaN;
  const [, date, minutes = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = match;
  return Date.parse(`${date}T${minutes}${seconds}${zone}`) * 1000 + Number(fraction.padEnd(6, '0'));
}
