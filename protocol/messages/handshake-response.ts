import type { ByteReader } from '../byte-reader.ts';
import { CAPABILITY } from '../capabilities.ts';
import { readConnectAttributes } from './connect-attributes.ts';

/**
 * The client's login, in the form of 4.1 and later or the older one, and the SSLRequest that is its first part alone.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html
 *
 *   41:  4 capabilities · 4 largest packet · 1 collation · 23 filler (MariaDB: last 4 its own capabilities)
 *        [SSLRequest ends here] · NUL user · auth data (lenenc, or 1-byte length, or NUL, by capability)
 *        NUL database if connectWithDb · NUL plugin if pluginAuth · lenenc attributes if connectAttributes
 *   320: 2 capabilities · 3 largest packet [SSLRequest] · NUL user · auth data (NUL if connectWithDb, then NUL database)
 */
export interface HandshakeResponse {
  capabilities: number;
  mariadbCapabilities: number;
  collation: number;
  /** It ends before the user name and asks for TLS: what follows is encrypted. */
  isSslRequest: boolean;
  userName: string;
  databaseName: string;
  /** `program_name`, or the driver's `_client_name` where the program gave none. */
  clientProgram: string;
  /** Where the auth data lies in the message: blanked before anything is shipped. */
  authStart: number;
  authEnd: number;
}

const FIXED_41_BYTES = 32;
const FIXED_320_BYTES = 5;

/** Reads a login; null when the bytes are none. What a cut message still holds is kept. */
export function readHandshakeResponse(reader: ByteReader): HandshakeResponse | null {
  if (reader.left < FIXED_320_BYTES) return null;
  const isNew = (reader.bytes.readUInt16LE(reader.pos) & CAPABILITY.protocol41) !== 0;
  return isNew ? readNew(reader) : readOld(reader);
}

function readNew(reader: ByteReader): HandshakeResponse | null {
  if (reader.left < FIXED_41_BYTES) return null;
  const login = emptyLogin();
  login.capabilities = reader.u32();
  reader.skip(4);
  login.collation = reader.u8();
  reader.skip(19);
  const mariadb = reader.u32();
  if ((login.capabilities & CAPABILITY.longPassword) === 0) login.mariadbCapabilities = mariadb;
  if (reader.left === 0) {
    login.isSslRequest = (login.capabilities & CAPABILITY.ssl) !== 0;
    return login.isSslRequest ? login : null;
  }
  reader.nulSpan();
  login.userName = reader.spanText();
  let authBytes = -1;
  if (login.capabilities & CAPABILITY.pluginAuthLenencData) authBytes = reader.lenenc();
  else if (login.capabilities & CAPABILITY.secureConnection) authBytes = reader.u8();
  // Where a cut message ends inside it, all that came of it is auth data.
  login.authStart = reader.pos;
  if (authBytes >= 0) reader.span(authBytes);
  else reader.nulSpan();
  login.authEnd = reader.overrun ? reader.end : reader.spanEnd;
  if (login.capabilities & CAPABILITY.connectWithDb && reader.left > 0) {
    reader.nulSpan();
    login.databaseName = reader.spanText();
  }
  if (login.capabilities & CAPABILITY.pluginAuth && reader.left > 0) reader.nulSpan();
  if (login.capabilities & CAPABILITY.connectAttributes && reader.left > 0)
    login.clientProgram = readConnectAttributes(reader);
  return login;
}

function readOld(reader: ByteReader): HandshakeResponse {
  const login = emptyLogin();
  login.capabilities = reader.u16();
  reader.skip(3);
  if (reader.left === 0) {
    login.isSslRequest = (login.capabilities & CAPABILITY.ssl) !== 0;
    return login;
  }
  reader.nulSpan();
  login.userName = reader.spanText();
  if (login.capabilities & CAPABILITY.connectWithDb) {
    reader.nulSpan();
    login.authStart = reader.spanStart;
    login.authEnd = reader.spanEnd;
    if (reader.left > 0) {
      reader.nulSpan();
      login.databaseName = reader.spanText();
    }
  } else {
    login.authStart = reader.pos;
    login.authEnd = reader.end;
  }
  return login;
}

function emptyLogin(): HandshakeResponse {
  return {
    capabilities: 0,
    mariadbCapabilities: 0,
    collation: 0,
    isSslRequest: false,
    userName: '',
    databaseName: '',
    clientProgram: '',
    authStart: 0,
    authEnd: 0,
  };
}
