import type { ByteReader } from '../byte-reader.ts';
import { UNSIGNED_FLAG } from '../field-types.ts';
import { type BinaryValue, readBinaryValue } from './binary-value.ts';

/**
 * Bound parameters, as COM_STMT_EXECUTE and the attributes of COM_QUERY carry them.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
 *
 *   (count + 7) / 8 null bitmap · 1 new types · if 1: count × (1 type, 1 flags [, lenenc name]) · values of those that are not NULL
 */
export interface Parameters {
  values: BinaryValue[];
  /** Empty where the capability queryAttributes is not agreed. */
  names: string[];
  /** As sent now or, when not sent again, as given by the caller: type in the low byte, flags in the high one. */
  types: Uint16Array;
}

/** More cannot be sent: the count of a prepared statement is a 16-bit number. */
const MAX_PARAMETERS = 65_535;

/**
 * @param count How many parameters the statement and its attributes have.
 * @param hasNames Each type is followed by a name (queryAttributes).
 * @param remembered Types of the last time, for `new types` = 0; null when never seen.
 * @param longData Values that came before through COM_STMT_SEND_LONG_DATA, by parameter; they have no bytes here.
 * @returns null when the types are unknown or the message is cut or broken: no value is guessed.
 */
export function readParameters(
  reader: ByteReader,
  count: number,
  hasNames: boolean,
  remembered: Uint16Array | null,
  longData: ReadonlyMap<number, BinaryValue> | null,
  text: (bytes: Buffer, start: number, end: number) => string,
): Parameters | null {
  if (count > MAX_PARAMETERS) return null;
  const bitmap = reader.pos;
  reader.skip((count + 7) >> 3);
  const newTypes = reader.u8();
  const names: string[] = [];
  let types = remembered;
  if (newTypes === 1) {
    if (reader.left < count * 2) return null;
    types = new Uint16Array(count);
    for (let i = 0; i < count; i++) {
      types[i] = reader.u16();
      if (hasNames) {
        reader.lenencSpan();
        names.push(reader.spanText());
      }
    }
  }
  if (types === null || types.length < count || reader.overrun) return null;
  const values: BinaryValue[] = [];
  for (let i = 0; i < count; i++) {
    const isNull = ((reader.bytes[bitmap + (i >> 3)]! >> (i & 7)) & 1) === 1;
    const long = longData?.get(i);
    if (long !== undefined) values.push(long);
    else if (isNull) values.push(null);
    else values.push(readBinaryValue(reader, types[i]! & 0xff, ((types[i]! >> 8) & UNSIGNED_FLAG) !== 0, text));
    if (reader.overrun) return null;
  }
  return { values, names, types };
}
