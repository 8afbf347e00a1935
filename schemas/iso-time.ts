const DAY_SECONDS = 86_400;
/** The last second a 32-bit UNIX time can name: 2106-02-07T06:28:15Z. pcap's own timestamps end there. */
const LAST_SECOND = 4_294_967_295;

let cachedDay = -1;
let cachedDate = '';

/**
 * µs since the epoch as ISO 8601 with six decimals and `Z`, like `2026-01-31T23:59:59.000001Z`. Times outside
 * 1970-01-01 … 2106-02-07T06:28:15.999999Z are moved to the nearer end, as the store does.
 */
export function isoTime(timeUs: number): string {
  const us = clampTimeUs(timeUs);
  const seconds = Math.floor(us / 1e6);
  const day = Math.floor(seconds / DAY_SECONDS);
  if (day !== cachedDay) {
    cachedDate = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 11);
    cachedDay = day;
  }
  const ofDay = seconds - day * DAY_SECONDS;
  const hour = Math.floor(ofDay / 3600);
  const minute = Math.floor(ofDay / 60) % 60;
  const fraction = String(us - seconds * 1e6).padStart(6, '0');
  return `${cachedDate}${two(hour)}:${two(minute)}:${two(ofDay % 60)}.${fraction}Z`;
}

/** A time the store's columns and partitions can hold: whole µs within 32-bit UNIX seconds; NaN becomes the epoch. */
export function clampTimeUs(timeUs: number): number {
  if (!(timeUs > 0)) return 0;
  return Math.min(Math.floor(timeUs), LAST_SECOND * 1e6 + 999_999);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
