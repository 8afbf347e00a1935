import type { ByteReader } from '../byte-reader.ts';
import { FIELD_TYPE } from '../field-types.ts';

/** A bound value as JSON holds it: integers beyond 2^53 as decimal text, strings as text of `charset`. */
export type BinaryValue = string | number | null;

/**
 * One value of the binary protocol.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html#sect_protocol_binary_resultset_row_value
 *
 *   integers 1, 2, 4, 8 bytes by type · FLOAT, DOUBLE IEEE 754
 *   dates: 1 length (0, 4, 7, 11) · 2 year · 1 month · 1 day [· hour minute second [· 4 microseconds]]
 *   times: 1 length (0, 8, 12) · 1 negative · 4 days · hour minute second [· 4 microseconds]
 *   everything else: lenenc string
 *
 * @param text Decodes a span of the message as text of the client's character set.
 */
export function readBinaryValue(
  reader: ByteReader,
  type: number,
  unsigned: boolean,
  text: (bytes: Buffer, start: number, end: number) => string,
): BinaryValue {
  switch (type) {
    case FIELD_TYPE.null:
      return null;
    case FIELD_TYPE.tiny: {
      const value = reader.u8();
      return unsigned || value < 0x80 ? value : value - 0x100;
    }
    case FIELD_TYPE.short:
    case FIELD_TYPE.year: {
      const value = reader.u16();
      return unsigned || value < 0x8000 ? value : value - 0x1_0000;
    }
    case FIELD_TYPE.long:
    case FIELD_TYPE.int24: {
      const value = reader.u32();
      return unsigned ? value : value | 0;
    }
    case FIELD_TYPE.longlong:
      return readLonglong(reader, unsigned);
    case FIELD_TYPE.float:
      return readFloat(reader);
    case FIELD_TYPE.double: {
      reader.span(8);
      return reader.overrun ? null : jsonNumber(reader.bytes.readDoubleLE(reader.spanStart));
    }
    case FIELD_TYPE.date:
    case FIELD_TYPE.newdate:
    case FIELD_TYPE.datetime:
    case FIELD_TYPE.timestamp:
    case FIELD_TYPE.datetime2:
    case FIELD_TYPE.timestamp2:
      return readDate(reader, type === FIELD_TYPE.date || type === FIELD_TYPE.newdate);
    case FIELD_TYPE.time:
    case FIELD_TYPE.time2:
      return readTime(reader);
    default:
      reader.lenencSpan();
      return reader.isNull ? null : text(reader.bytes, reader.spanStart, reader.spanEnd);
  }
}

function readLonglong(reader: ByteReader, unsigned: boolean): BinaryValue {
  reader.span(8);
  if (reader.overrun) return null;
  const value = unsigned
    ? reader.bytes.readBigUInt64LE(reader.spanStart)
    : reader.bytes.readBigInt64LE(reader.spanStart);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function readFloat(reader: ByteReader): BinaryValue {
  reader.span(4);
  if (reader.overrun) return null;
  const value = reader.bytes.readFloatLE(reader.spanStart);
  // The shortest decimal that gives the same 32-bit float: 1.23, not 1.2300000190734863.
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return jsonNumber(value);
}

/** JSON has no NaN and no infinity: they become text. */
function jsonNumber(value: number): BinaryValue {
  return Number.isFinite(value) ? value : String(value);
}

function readDate(reader: ByteReader, dateOnly: boolean): string {
  const bytes = reader.u8();
  const at = reader.pos;
  const year = bytes >= 4 ? reader.u16() : 0;
  const month = bytes >= 4 ? reader.u8() : 0;
  const day = bytes >= 4 ? reader.u8() : 0;
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  const clock = bytes >= 7 ? readClock(reader, bytes >= 11, 0) : '00:00:00';
  finish(reader, at, bytes);
  return dateOnly && bytes < 7 ? date : `${date} ${clock}`;
}

function readTime(reader: ByteReader): string {
  const bytes = reader.u8();
  const at = reader.pos;
  if (bytes < 8) {
    finish(reader, at, bytes);
    return '00:00:00';
  }
  const sign = reader.u8() ? '-' : '';
  const days = reader.u32();
  const clock = readClock(reader, bytes >= 12, days * 24);
  finish(reader, at, bytes);
  return sign + clock;
}

function readClock(reader: ByteReader, hasMicroseconds: boolean, extraHours: number): string {
  const hours = reader.u8() + extraHours;
  const clock = `${pad(hours, 2)}:${pad(reader.u8(), 2)}:${pad(reader.u8(), 2)}`;
  const microseconds = hasMicroseconds ? reader.u32() : 0;
  return hasMicroseconds ? `${clock}.${pad(microseconds, 6)}` : clock;
}

/** Continues after the announced length whatever was read of it. */
function finish(reader: ByteReader, at: number, bytes: number): void {
  reader.pos = at;
  reader.skip(bytes);
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
