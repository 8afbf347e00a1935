// Hot path
import type { ByteReader } from '../byte-reader.ts';
import { CAPABILITY } from '../capabilities.ts';
import { SERVER_STATUS } from '../server-status.ts';

/**
 * OK: the end of a command, or (header 0xfe, deprecateEof) of a result set.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html
 *
 *   1 header 00 or fe · lenenc affected rows · lenenc last insert id · 2 status · 2 warnings
 *   sessionTrack: lenenc info [· lenenc session state if the status says so] · else: info to the end
 *
 * Session state: 1 type · lenenc data. Type 0: system variable (lenenc name, lenenc value); 1: schema (lenenc name).
 */
export class Ok {
  affectedRows = 0;
  lastInsertId: number | string = 0;
  status = 0;
  warnings = 0;
  /** The new current database when session tracking reports one, else null. */
  schema: string | null = null;
  /** `character_set_client` and `sql_mode` when session tracking reports them, else null. */
  charsetClient: string | null = null;
  sqlMode: string | null = null;

  /**
   * @param capabilities Those that client and server share; null when unknown: session state is then not looked for.
   * @returns false when the packet is cut; the fields before the cut are set.
   */
  read(reader: ByteReader, capabilities: number | null): boolean {
    reader.skip(1);
    this.affectedRows = reader.lenenc();
    this.lastInsertId = reader.exactLenenc();
    this.status = reader.u16();
    this.warnings = reader.left >= 2 ? reader.u16() : 0;
    this.schema = null;
    this.charsetClient = null;
    this.sqlMode = null;
    if (
      capabilities !== null &&
      (capabilities & CAPABILITY.sessionTrack) !== 0 &&
      this.status & SERVER_STATUS.sessionStateChanged &&
      reader.left > 0
    ) {
      reader.lenencSpan();
      this.readSessionState(reader);
    }
    return !reader.overrun;
  }

  private readSessionState(reader: ByteReader): void {
    const total = reader.lenenc();
    const end = Math.min(reader.end, reader.pos + total);
    while (reader.pos < end && !reader.overrun) {
      const type = reader.u8();
      const bytes = reader.lenenc();
      const next = Math.min(end, reader.pos + bytes);
      if (type === 1) {
        reader.lenencSpan();
        this.schema = reader.spanText();
      } else if (type === 0) {
        reader.lenencSpan();
        const name = reader.spanText();
        reader.lenencSpan();
        if (name === 'character_set_client') this.charsetClient = reader.spanText();
        else if (name === 'sql_mode') this.sqlMode = reader.spanText();
      }
      reader.pos = next;
    }
  }
}
