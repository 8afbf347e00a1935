import { z } from 'zod';
import { parsedJson } from './parsed-json.ts';

const count = z.number().int().nonnegative();
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const name = z.string().max(256);

const sessionSchema = z.object({
  kind: z.literal('session'),
  server_id: z.string().max(1024),
  connection_id: count.describe("The server's thread id (Id in SHOW PROCESSLIST)"),
  user_name: name,
  client_host: name.describe('Host of the process list without its port: an address or a name'),
  client_addresses: z
    .array(z.string().max(64))
    .max(64)
    .describe('The same as addresses that captures see; empty where the name could not be resolved'),
  client_port: count.max(65_535),
  database_name: name.describe('Empty: none'),
  client_program: name.describe("The client's program_name; empty where the server does not tell"),
  client_pid: name.describe("The client's _pid; empty where the server does not tell"),
  since: time.describe('The session was open at this time, for certain: the earliest known'),
  idle_since: time.describe('It seems to have been open at this time: what Time in the process list comes to'),
  user_since: time.describe('Since when it is known to have this user'),
  database_since: time.describe('Since when it is known to have this database'),
});

const serverSchema = z.object({
  kind: z.literal('server'),
  server_id: z.string().max(1024),
  addresses: z
    .array(z.string().max(300))
    .max(64)
    .describe('Address and port under which captures see the server; empty: its server_id says it'),
  port: count.max(65_535).describe('On which the watcher reaches it'),
  started: time.describe('When the server was started; ids of sessions are unique since'),
  asked: time.describe('Every session without tombstone was open at a moment between asked …'),
  answered: time.describe('… and answered'),
  sessions: count,
});

/**
 * One value of `mysql.sessions.v1`: a session of a server, as its process list shows it, or the server itself, whose record follows
 * behind each reading of its list. Keys are `sessionKey`. A tombstone: the session is gone. All records of a server are in one
 * partition. Holds no SQL.
 */
export const sessionRecordSchema = z.discriminatedUnion('kind', [sessionSchema, serverSchema]);

export type SessionRecord = z.infer<typeof sessionSchema>;
export type ServerRecord = z.infer<typeof serverSchema>;

/** @param connectionId Null: of the server's own record. */
export function sessionKey(serverId: string, connectionId: number | null): string {
  return `${serverId}/${connectionId ?? ''}`;
}

/** @returns null for what is no such key. */
export function readSessionKey(key: string): { serverId: string; connectionId: number | null } | null {
  const match = /^(.+)\/(\d{0,16})$/s.exec(key);
  if (match === null) return null;
  return { serverId: match[1]!, connectionId: match[2] === '' ? null : Number(match[2]) };
}

/** @returns null for what is no such value, whoever wrote it. */
export function readSessionRecord(value: Buffer): SessionRecord | ServerRecord | null {
  const parsed = sessionRecordSchema.safeParse(parsedJson(value.toString('utf8')));
  return parsed.success ? parsed.data : null;
}

/** The partition of a server's records. */
export function sessionPartition(serverId: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(serverId)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % partitions;
}
