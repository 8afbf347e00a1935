import { z } from 'zod';

const count = z.number().int().nonnegative();
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const name = z.string().max(256);

/** A line of `mysql.ledger.v1`: whose a connection is, known only after its first events. */
export const connectionIdentitySchema = z.object({
  kind: z.literal('identity'),
  connection_uid: z.string().regex(/^[0-9a-f]{32}$/),
  server_id: z.string().max(1024),
  user_name: name.describe('Of its events that have none themselves'),
  user_until: time.describe('Events from then on may have another user'),
  database_name: name.describe('Of its events that have none themselves; empty: none, or none known'),
  database_until: time.describe('Events from then on may have another database'),
  connection_id: count.describe("The server's thread id"),
  client_program: name,
  first: time.describe('The events it may change are between first …'),
  last: time.describe('… and last'),
  known_at: time.describe('When the server said so'),
  version: count.describe('The greatest of a connection counts'),
});

export type ConnectionIdentityRow = z.infer<typeof connectionIdentitySchema>;
