import type { ByteReader } from '../byte-reader.ts';

/**
 * ERR.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html
 *
 *   1 header ff · 2 code · [# · 5 SQL state] · message to the end
 *
 * Before the client's capabilities are known (host blocked, too many connections) and before 4.1 there is no SQL state.
 */
export class Err {
  code = 0;
  sqlState = '';
  messageStart = 0;
  messageEnd = 0;

  read(reader: ByteReader): boolean {
    reader.skip(1);
    this.code = reader.u16();
    this.sqlState = '';
    if (reader.left >= 6 && reader.bytes[reader.pos] === HASH) {
      reader.skip(1);
      reader.span(5);
      this.sqlState = reader.bytes.toString('latin1', reader.spanStart, reader.spanEnd).replace(/[^0-9A-Z]/g, '?');
    }
    this.messageStart = reader.pos;
    this.messageEnd = reader.end;
    return !reader.overrun;
  }
}

const HASH = 0x23;

/** MariaDB's progress report comes as an ERR with this code and ends nothing. https://mariadb.com/kb/en/progress-reporting/ */
export const PROGRESS_REPORT_CODE = 0xffff;
