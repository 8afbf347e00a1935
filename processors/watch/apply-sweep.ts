import type { SessionTable } from '../identify/session-table.ts';
import type { SessionSweep } from './session-changes.ts';

/** Brings a reading to a table in the same process. */
export function applySweep(table: SessionTable, { sessions, gone, server }: SessionSweep): void {
  for (const session of sessions) table.addSession(session);
  for (const id of gone) table.removeSession(server.server_id, id);
  table.endReading(server);
}
