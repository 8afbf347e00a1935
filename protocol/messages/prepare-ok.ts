import type { ByteReader } from '../byte-reader.ts';

/**
 * The answer to COM_STMT_PREPARE.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_prepare.html
 *
 *   1 header 00 · 4 statement id · 2 columns · 2 parameters · 1 filler · 2 warnings · [1 metadata follows: optionalMetadata]
 *
 * Then the definitions of the parameters and of the columns, each list followed by EOF unless deprecateEof is agreed.
 */
export class PrepareOk {
  statementId = 0;
  columns = 0;
  parameters = 0;
  warnings = 0;
  metadataFollows = true;

  read(reader: ByteReader): boolean {
    reader.skip(1);
    this.statementId = reader.u32();
    this.columns = reader.u16();
    this.parameters = reader.u16();
    const whole = !reader.overrun;
    reader.skip(1);
    this.warnings = reader.left >= 2 ? reader.u16() : 0;
    this.metadataFollows = reader.left > 0 ? reader.u8() !== 0 : true;
    return whole;
  }
}
