// Hot path
import type { ByteReader } from '../byte-reader.ts';

/**
 * COM_STMT_EXECUTE up to its parameters, and MariaDB's bulk form of it.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
 *
 *   17 · 4 statement id · 1 flags · 4 iterations (1) · [lenenc parameters: queryAttributes and flag 8] · parameters
 *   fa · 4 statement id · 2 flags · …                   https://mariadb.com/kb/en/com_stmt_bulk_execute/
 */
export class Execute {
  statementId = 0;
  flags = 0;

  /** @param reader At the byte after the command byte; afterwards at the parameter count or the null bitmap. */
  read(reader: ByteReader): boolean {
    this.statementId = reader.u32();
    this.flags = reader.u8();
    reader.skip(4);
    return !reader.overrun;
  }
}

/** Flag of COM_STMT_EXECUTE: the number of parameters is sent, as attributes may follow the statement's own. */
export const PARAMETER_COUNT_AVAILABLE = 0x08;

/** The statement prepared last on the connection (MariaDB pipelines PREPARE and EXECUTE so). */
export const LAST_PREPARED = 0xffff_ffff;
