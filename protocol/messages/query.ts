// Hot path
import type { ByteReader } from '../byte-reader.ts';
import { CAPABILITY } from '../capabilities.ts';

/**
 * Where the text of a COM_QUERY begins. With queryAttributes agreed, attributes stand between the command byte and the text.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html
 *
 *   03 · [lenenc parameters · lenenc sets (1) · if parameters > 0: null bitmap · 1 new types (1) · parameters × (2 type, lenenc name)
 *   · values] · text to the end
 *
 * @param reader At the byte after the command byte; afterwards at the first byte of the text, or of the null bitmap.
 * @param capabilities Null when the login was not seen: then it is told from the bytes, as no SQL text begins with a
 *   control character that is followed by 0x01.
 * @returns The number of attributes that follow; 0 when the reader stands at the text.
 */
export function readQueryAttributeCount(reader: ByteReader, capabilities: number | null): number {
  if (capabilities === null ? !looksLikeAttributes(reader) : (capabilities & CAPABILITY.queryAttributes) === 0)
    return 0;
  const count = reader.lenenc();
  reader.lenenc();
  return count;
}

function looksLikeAttributes(reader: ByteReader): boolean {
  return reader.left >= 2 && reader.bytes[reader.pos]! < 0x20 && reader.bytes[reader.pos + 1] === 0x01;
}
