// Hot path
const [QUOTE, COMMA, COLON, DOT, DASH, LETTER_T, LETTER_Z] = [0x22, 0x2c, 0x3a, 0x2e, 0x2d, 0x54, 0x5a];
/** More digits are not read. */
const MAX_DIGITS = 15;
const LONGEST_WORD = 32;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** Reads text of a fixed form from left to right. What has another form fails it for good, and is no error. */
export class LineCursor {
  bytes: Buffer = Buffer.alloc(0);
  /** Place of the next byte; -1 once it failed. */
  at = -1;
  end = 0;
  private readonly words: string[] = [];
  private date = -1;
  private dateUs = 0;

  /** @param bytes Read, not kept beyond the next `begin`. */
  begin(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get hasFailed(): boolean {
    return this.at < 0;
  }

  /** Whether `part` comes next. */
  isAt(part: Buffer): boolean {
    const { at } = this;
    const to = at + part.length;
    return at >= 0 && to <= this.end && this.bytes.compare(part, 0, part.length, at, to) === 0;
  }

  /** Goes behind `part`, which must come next. */
  pass(part: Buffer): void {
    const { at, bytes } = this;
    if (at < 0) return;
    const { length } = part;
    if (at + length > this.end) {
      this.at = -1;
      return;
    }
    // Keys are short: a loop beats the call into the runtime.
    for (let i = 0; i < length; i++) {
      if (bytes[at + i] !== part[i]) {
        this.at = -1;
        return;
      }
    }
    this.at = at + length;
  }

  /** A whole number without a leading zero behind its key. */
  number(key: Buffer): number {
    this.pass(key);
    const { at: from, bytes } = this;
    if (from < 0) return 0;
    const limit = Math.min(this.end, from + MAX_DIGITS);
    let value = 0;
    let at = from;
    for (; at < limit; at++) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.at = at > from && (bytes[from] !== 48 || at === from + 1) ? at : -1;
    return value;
  }

  /** `true` or `false` behind its key. */
  truth(key: Buffer): boolean {
    this.pass(key);
    const isTrue = this.at >= 0 && this.bytes[this.at] === TRUE[0];
    this.pass(isTrue ? TRUE : FALSE);
    return isTrue;
  }

  /** Small letters and underscores up to a quote and a comma; of few different ones the same string each time. */
  word(key: Buffer): string {
    this.pass(key);
    const { at: from, bytes, end } = this;
    if (from < 0) return '';
    let at = from;
    while (at < end && at - from < LONGEST_WORD && isNameByte(bytes[at]!)) at++;
    if (at + 1 >= end || bytes[at] !== QUOTE || bytes[at + 1] !== COMMA) {
      this.at = -1;
      return '';
    }
    this.at = at + 2;
    const slot = (at - from) * 8 + (bytes[from]! & 7);
    const known = this.words[slot];
    if (known !== undefined && isText(bytes, from, at, known)) return known;
    const word = bytes.toString('latin1', from, at);
    this.words[slot] = word;
    return word;
  }

  /** `2026-01-31T23:59:59.000001Z` behind its key, in µs; from 1970 to 2105. */
  time(key: Buffer): number {
    this.pass(key);
    const { at, bytes } = this;
    if (at < 0) return 0;
    const isShaped =
      at + 27 <= this.end &&
      bytes[at + 4] === DASH &&
      bytes[at + 7] === DASH &&
      bytes[at + 10] === LETTER_T &&
      bytes[at + 13] === COLON &&
      bytes[at + 16] === COLON &&
      bytes[at + 19] === DOT &&
      bytes[at + 26] === LETTER_Z;
    const hour = isShaped ? digits(bytes, at + 11, 2) : -1;
    const minute = isShaped ? digits(bytes, at + 14, 2) : -1;
    const second = isShaped ? digits(bytes, at + 17, 2) : -1;
    const fraction = isShaped ? digits(bytes, at + 20, 6) : -1;
    const isTime = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60 && fraction >= 0;
    if (!isTime || !this.isDay(bytes, at)) {
      this.at = -1;
      return 0;
    }
    this.at = at + 27;
    return this.dateUs + ((hour * 60 + minute) * 60 + second) * 1e6 + fraction;
  }

  private isDay(bytes: Buffer, at: number): boolean {
    const year = digits(bytes, at, 4);
    const month = digits(bytes, at + 5, 2);
    const day = digits(bytes, at + 8, 2);
    const date = (year * 16 + month) * 32 + day;
    if (date === this.date) return true;
    if (year < 1970 || year > 2105 || month < 1 || month > 12 || day < 1 || day > 31) return false;
    const ms = Date.UTC(year, month - 1, day);
    // The 30th of February is a day of March.
    if (new Date(ms).getUTCDate() !== day) return false;
    this.date = date;
    this.dateUs = ms * 1000;
    return true;
  }

  /** A UUID in small digits behind its key, with a quote and a comma behind it, as four words. */
  uuid(key: Buffer, words: Uint32Array): void {
    this.pass(key);
    const { at, bytes } = this;
    if (at < 0) return;
    this.at = -1;
    if (at + 38 > this.end) return;
    const isShaped =
      bytes[at + 8] === DASH &&
      bytes[at + 13] === DASH &&
      bytes[at + 18] === DASH &&
      bytes[at + 23] === DASH &&
      bytes[at + 36] === QUOTE &&
      bytes[at + 37] === COMMA;
    const a = hex(bytes, at, 8);
    const b = hex(bytes, at + 9, 4);
    const c = hex(bytes, at + 14, 4);
    const d = hex(bytes, at + 19, 4);
    const e = hex(bytes, at + 24, 4);
    const f = hex(bytes, at + 28, 8);
    if (!isShaped || a < 0 || b < 0 || c < 0 || d < 0 || e < 0 || f < 0) return;
    words[0] = a;
    words[1] = b * 65_536 + c;
    words[2] = d * 65_536 + e;
    words[3] = f;
    this.at = at + 38;
  }
}

function isNameByte(byte: number): boolean {
  return byte === 0x5f || (byte >= 0x61 && byte <= 0x7a);
}

function isText(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (text.length !== to - from) return false;
  for (let i = from; i < to; i++) if (text.charCodeAt(i - from) !== bytes[i]) return false;
  return true;
}

/** -1 for anything but digits. */
function digits(bytes: Buffer, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** -1 for anything but digits in lower case. */
function hex(bytes: Buffer, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const c = bytes[i]!;
    const digit = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
