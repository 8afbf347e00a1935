import { connect } from 'node:net';
import { type Connection, createConnection } from 'mysql2/promise';

/** The address the demo's server listens on; port 3306, inside a network namespace of its own. */
export const SERVER = '10.20.0.10';

/** Every host of the demo and its address. */
export const HOSTS = {
  web1: '10.20.0.21',
  web2: '10.20.0.22',
  worker: '10.20.0.31',
  office: '10.20.0.41',
  adminDesk: '10.20.0.5',
  stranger: '10.20.0.66',
} as const;

export const PASSWORDS = {
  shop_app: 'web-4uTumn',
  shop_worker: 'work-7inter',
  reporting: 'rep-5pring',
  dba: 'dba-5ummer',
} as const;

/** Opens a plain-text connection from a host's own address, with the program name that client libraries announce. */
export async function login(
  host: keyof typeof HOSTS,
  user: keyof typeof PASSWORDS,
  program: string,
  options: { database?: string; password?: string } = {},
): Promise<Connection> {
  return createConnection({
    user,
    password: options.password ?? PASSWORDS[user],
    ...(options.database === undefined ? {} : { database: options.database }),
    connectAttributes: { program_name: program },
    stream: () => connect({ host: SERVER, port: 3306, localAddress: HOSTS[host] }),
  });
}
