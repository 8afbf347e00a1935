import { join } from 'node:path';
import { mysql9Root } from './mysql9.ts';
import type { LoggedServer } from './oracle/logged-server.ts';

/** The unix socket of a test server, as it is reached from outside of its root. */
export async function socketOf(server: LoggedServer): Promise<string> {
  const [row] = await server.sql('SELECT @@socket AS path');
  const path = String(row?.['path']);
  return server.name === 'MySQL' ? join(mysql9Root(), path) : path;
}
