import type { ByteReader } from '../../protocol/byte-reader.ts';
import { charsetOfCollation } from '../../protocol/charsets.ts';
import { readGreeting } from '../../protocol/messages/greeting.ts';
import { readHandshakeResponse } from '../../protocol/messages/handshake-response.ts';
import { cleanName } from '../../schemas/clean-name.ts';
import type { ConnectionState } from './connection-state.ts';
import { sqlMode } from './sql-modes.ts';

/** What the server's greeting tells of the connection. */
export function addGreeting(state: ConnectionState, reader: ByteReader): void {
  const greeting = readGreeting(reader);
  if (greeting === null) return;
  state.serverVersion = cleanName(greeting.serverVersion);
  state.connectionId = greeting.threadId;
  state.offeredCapabilities = greeting.capabilities;
}

/** What the client's login tells of it. @returns false when it cannot be read. */
export function addLogin(state: ConnectionState, reader: ByteReader): boolean {
  const login = readHandshakeResponse(reader);
  if (login === null) return false;
  // Clients of MySQL 8 ask for what older servers do not have.
  state.capabilities = (login.capabilities & state.offeredCapabilities) >>> 0;
  state.userName = cleanName(login.userName);
  state.userNameSource = 'handshake';
  state.databaseName = cleanName(login.databaseName);
  state.clientProgram = cleanName(login.clientProgram);
  state.mayHaveMissedPrepare = false;
  state.mode = sqlMode(charsetOfCollation(login.collation), null, null);
  return true;
}
