import type { ConnectionIdentity } from './connection-identity.ts';
import type { ConnectionIdentityRow } from './connection-identity-schema.ts';
import { isoTime } from './iso-time.ts';
import { parseIsoTime } from './parse-iso-time.ts';

/** Whose a connection is as a line of `mysql.ledger.v1`, without the newline. */
export function identityLine(identity: ConnectionIdentity): string {
  const row: ConnectionIdentityRow = {
    kind: 'identity',
    connection_uid: identity.connectionUid,
    server_id: identity.serverId,
    user_name: identity.userName,
    user_until: isoTime(identity.userUntilUs),
    database_name: identity.databaseName,
    database_until: isoTime(identity.databaseUntilUs),
    connection_id: identity.connectionId,
    client_program: identity.clientProgram,
    first: isoTime(identity.firstUs),
    last: isoTime(identity.lastUs),
    known_at: isoTime(identity.knownUs),
    version: identity.version,
  };
  return JSON.stringify(row);
}

/** @returns null where a time is none. */
export function identityOf(row: ConnectionIdentityRow): ConnectionIdentity | null {
  const [userUntilUs, databaseUntilUs, firstUs, lastUs, knownUs] = [
    row.user_until,
    row.database_until,
    row.first,
    row.last,
    row.known_at,
  ].map(parseIsoTime);
  if (userUntilUs == null || databaseUntilUs == null || firstUs == null || lastUs == null || knownUs == null)
    return null;
  return {
    connectionUid: row.connection_uid,
    serverId: row.server_id,
    userName: row.user_name,
    userUntilUs,
    databaseName: row.database_name,
    databaseUntilUs,
    connectionId: row.connection_id,
    clientProgram: row.client_program,
    firstUs,
    lastUs,
    knownUs,
    version: row.version,
  };
}
