import { z } from 'zod';
import { parsedJson } from '../../schemas/parsed-json.ts';
import { TrackedConnection } from './tracked-connection.ts';

const count = z.number().int().nonnegative();
const time = z.number().nonnegative();

const trackedSchema = z.object({
  version: z.literal(1),
  facts: z.object({
    uid: z.string().regex(/^[0-9a-f]{32}$/),
    serverId: z.string().max(1024),
    clientAddress: z.string().max(64),
    clientPort: count.max(65_535),
    serverAddress: z.string().max(64),
    serverPort: count.max(65_535),
  }),
  firstUs: time,
  lastUs: time,
  endUs: time.nullable(),
  connectionId: count,
  /** Null: not yet. */
  userToldUs: time.nullable(),
  databaseToldUs: time.nullable(),
  userName: z.string().max(256),
  databaseName: z.string().max(256),
  clientProgram: z.string().max(256),
  userUntilUs: time,
  knownUs: time,
  toldVersion: count,
  isRenewed: z.boolean(),
});

/** A connection without a login as JSON text, for the changelog. Holds no SQL. */
export function writeTracked(connection: TrackedConnection): string {
  const { session: _, candidates: _candidates, version, userToldUs, databaseToldUs, ...plain } = connection;
  return JSON.stringify({
    version: 1,
    ...plain,
    userToldUs: finite(userToldUs),
    databaseToldUs: finite(databaseToldUs),
    toldVersion: version,
  });
}

/**
 * @param uid The connection that it must be of.
 * @returns null where the text, which anybody may have written, is no such state.
 */
export function readTracked(uid: string, text: string): TrackedConnection | null {
  const read = trackedSchema.safeParse(parsedJson(text));
  if (!read.success || read.data.facts.uid !== uid) return null;
  const { version: _, facts, toldVersion, userToldUs, databaseToldUs, ...plain } = read.data;
  const connection = new TrackedConnection(facts, plain.firstUs);
  Object.assign(connection, plain);
  connection.version = toldVersion;
  connection.userToldUs = userToldUs ?? Number.POSITIVE_INFINITY;
  connection.databaseToldUs = databaseToldUs ?? Number.POSITIVE_INFINITY;
  return connection;
}

function finite(timeUs: number): number | null {
  return Number.isFinite(timeUs) ? timeUs : null;
}
