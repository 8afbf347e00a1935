import type { ByteReader } from '../byte-reader.ts';

/**
 * Connection attributes at the end of a login or COM_CHANGE_USER: lenenc total, then pairs of lenenc key, lenenc value.
 * https://dev.mysql.com/doc/refman/9.0/en/performance-schema-connection-attribute-tables.html
 *
 * Returns `program_name`, or the driver's `_client_name`, or an empty text. A cut list gives what it holds.
 */
export function readConnectAttributes(reader: ByteReader): string {
  const total = reader.lenenc();
  const end = Math.min(reader.end, reader.pos + total);
  let program = '';
  let driver = '';
  while (reader.pos < end && !reader.overrun) {
    reader.lenencSpan();
    const key = reader.spanText();
    reader.lenencSpan();
    if (key === 'program_name') program = reader.spanText();
    else if (key === '_client_name') driver = reader.spanText();
  }
  return program || driver;
}
