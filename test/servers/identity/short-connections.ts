import { once } from 'node:events';
import { connect } from 'node:net';
import { createConnection } from 'mysql2/promise';

/** A server and a user of it. */
export interface Login {
  readonly port: number;
  readonly user: string;
  readonly localPort?: number;
}

/** A connection from a port of one's choice. */
export async function openFrom({ port, user, localPort }: Login) {
  const socket = connect({ host: '127.0.0.1', port, ...(localPort !== undefined && { localPort }) });
  await once(socket, 'connect');
  const connection = await createConnection({ stream: socket, user, password: 'secret' });
  connection.on('error', () => {});
  return { connection, localPort: socket.localPort!, reset: () => socket.resetAndDestroy() };
}

/**
 * Short connections, one behind the other from each of a few ports: each logs in, runs one statement whose alias names its
 * user, and is reset, so that its port is free at once.
 * @returns How many there were.
 */
export async function runShortConnections(
  port: number,
  ports: readonly number[],
  users: readonly string[],
  count: number,
): Promise<number> {
  let left = count;
  let done = 0;
  const fromPort = async (localPort: number) => {
    while (left-- > 0) {
      const user = users[left % users.length]!;
      try {
        const { connection, reset } = await openFrom({ port, user, localPort });
        await connection.query(`SELECT 1 AS ran_by_${user}`);
        reset();
        done++;
      } catch (error) {
        // The server has not noticed the reset yet, or the kernel still knows the port.
        const { code } = error as { code?: string };
        if (code !== 'EADDRINUSE' && code !== 'EADDRNOTAVAIL' && code !== 'ECONNRESET') throw error;
        left++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  await Promise.all(ports.map(fromPort));
  return done;
}
