import { clampTimeUs } from './iso-time.ts';

let cachedDate = '';
let cachedMs = 0;

/** The inverse of `isoTime`: µs since the epoch, or null where the text has another form. Times beyond what it writes move to its end. */
export function parseIsoTime(text: string): number | null {
  if (text.length !== 27 || text.charCodeAt(26) !== 90) return null;
  const date = text.slice(0, 11);
  if (date !== cachedDate) {
    const ms = Date.parse(`${date}00:00:00.000Z`);
    if (!(ms >= 0)) return null;
    cachedDate = date;
    cachedMs = ms;
  }
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const fraction = digits(text, 20, 26);
  if (hour < 0 || minute < 0 || second < 0 || fraction < 0 || hour > 23 || minute > 59 || second > 59) return null;
  return clampTimeUs((cachedMs + ((hour * 60 + minute) * 60 + second) * 1000) * 1000 + fraction);
}

/** -1 for anything but digits. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
