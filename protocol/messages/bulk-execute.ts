import type { ByteReader } from '../byte-reader.ts';
import { UNSIGNED_FLAG } from '../field-types.ts';
import { type BinaryValue, readBinaryValue } from './binary-value.ts';

/**
 * MariaDB's COM_STMT_BULK_EXECUTE: one statement, many rows of parameters.
 * https://mariadb.com/kb/en/com_stmt_bulk_execute/
 *
 *   fa · 4 statement id · 2 flags (128: types are sent) · if 128: parameters × (1 type, 1 flags)
 *   rows to the end: parameters × (1 indicator [· value when the indicator is 0])
 */
export interface BulkParameters {
  /** A row each; DEFAULT and IGNORE, which have no value, are null as NULL is. */
  rows: BinaryValue[][];
  types: Uint16Array;
}

const SEND_TYPES = 128;
const HAS_VALUE = 0;

/**
 * @param reader Behind the statement id.
 * @param count Parameters of the statement; 0 is an error of the client.
 * @param remembered Types of the last time, for messages that send none.
 * @returns null when the types are unknown or the message is cut or broken.
 */
export function readBulkParameters(
  reader: ByteReader,
  count: number,
  remembered: Uint16Array | null,
  text: (bytes: Buffer, start: number, end: number) => string,
): BulkParameters | null {
  const flags = reader.u16();
  let types = remembered;
  if (flags & SEND_TYPES) {
    if (reader.left < count * 2) return null;
    types = new Uint16Array(count);
    for (let i = 0; i < count; i++) types[i] = reader.u16();
  }
  if (count === 0 || types === null || types.length < count) return null;
  const rows: BinaryValue[][] = [];
  while (reader.left > 0) {
    const row: BinaryValue[] = [];
    for (let i = 0; i < count; i++) {
      const hasValue = reader.u8() === HAS_VALUE;
      row.push(
        hasValue ? readBinaryValue(reader, types[i]! & 0xff, ((types[i]! >> 8) & UNSIGNED_FLAG) !== 0, text) : null,
      );
    }
    if (reader.overrun) return null;
    rows.push(row);
  }
  return { rows, types };
}
