import type { ByteReader } from '../byte-reader.ts';
import { CAPABILITY } from '../capabilities.ts';
import { readConnectAttributes } from './connect-attributes.ts';

/**
 * COM_CHANGE_USER.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_change_user.html
 *
 *   17 · NUL user · auth data (1-byte length if secureConnection, else NUL) · NUL database
 *   [2 collation · NUL plugin if pluginAuth · lenenc attributes if connectAttributes]
 */
export interface ChangeUser {
  userName: string;
  databaseName: string;
  /** 0 when the message ends before it. */
  collation: number;
  clientProgram: string;
  authStart: number;
  authEnd: number;
}

/** @param reader At the byte after the command byte. @param capabilities 0 when unknown: a modern client is assumed. */
export function readChangeUser(reader: ByteReader, capabilities: number): ChangeUser {
  const caps = capabilities || CAPABILITY.secureConnection | CAPABILITY.pluginAuth | CAPABILITY.connectAttributes;
  reader.nulSpan();
  const userName = reader.spanText();
  const authBytes = caps & CAPABILITY.secureConnection ? reader.u8() : -1;
  // Where a cut message ends inside it, all that came of it is auth data.
  const authStart = reader.pos;
  if (authBytes >= 0) reader.span(authBytes);
  else reader.nulSpan();
  const authEnd = reader.overrun ? reader.end : reader.spanEnd;
  reader.nulSpan();
  const databaseName = reader.spanText();
  const result: ChangeUser = { userName, databaseName, collation: 0, clientProgram: '', authStart, authEnd };
  if (reader.left >= 2) result.collation = reader.u16();
  if (caps & CAPABILITY.pluginAuth && reader.left > 0) reader.nulSpan();
  if (caps & CAPABILITY.connectAttributes && reader.left > 0) result.clientProgram = readConnectAttributes(reader);
  return result;
}
