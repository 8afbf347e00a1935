// Hot path
import type { ByteReader } from '../byte-reader.ts';

/**
 * EOF: the end of column definitions or rows where deprecateEof is not agreed.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_eof_packet.html
 *
 *   1 header fe · 2 warnings · 2 status (both missing before 4.1)
 */
export class Eof {
  warnings = 0;
  status = 0;

  read(reader: ByteReader): void {
    reader.skip(1);
    this.warnings = reader.left >= 2 ? reader.u16() : 0;
    this.status = reader.left >= 2 ? reader.u16() : 0;
  }
}

/** Longest EOF packet; an OK with header 0xfe has at least two bytes more, a row that begins with 0xfe at least 16 MiB. */
export const EOF_MAX_BYTES = 5;
