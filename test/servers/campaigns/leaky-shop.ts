import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';

/** How an endpoint builds its statement of what a visitor sends, and what it lets him see. */
interface Endpoint {
  readonly statement: (value: string) => string;
  /** Rows as a page shows them; an endpoint that shows none says only whether there were some. */
  readonly showsRows: boolean;
  readonly showsErrors: boolean;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/item': {
    statement: (id) => `SELECT id, name, price FROM products WHERE id = ${id}`,
    showsRows: true,
    showsErrors: true,
  },
  '/search': {
    statement: (text) => `SELECT name, price FROM products WHERE name LIKE '%${text}%' ORDER BY price LIMIT 20`,
    showsRows: true,
    showsErrors: true,
  },
  '/login': {
    statement: (name) => `SELECT id FROM customers WHERE (email = '${name}' AND is_locked = 0)`,
    showsRows: false,
    showsErrors: false,
  },
  '/stock': {
    statement: (id) => `SELECT amount FROM stock WHERE product_id = "${id}"`,
    showsRows: false,
    showsErrors: false,
  },
};

/** A web shop that puts what visitors send into its SQL: what an injection is found in. Each of its clients is an address of its own. */
export class LeakyShop {
  readonly #server: Server;
  readonly #pools: readonly Pool[];
  readonly url: string;

  private constructor(server: Server, pools: readonly Pool[]) {
    this.#server = server;
    this.#pools = pools;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param hosts Addresses of its application servers; a request says in the parameter `host` which it goes to, from 0. */
  static async open(port: number, user: string, password: string, hosts: readonly string[]): Promise<LeakyShop> {
    const pools = hosts.map((localAddress) =>
      createPool({
        user,
        password,
        database: 'shop',
        connectionLimit: 2,
        multipleStatements: true,
        stream: () => connect({ host: '127.0.0.1', port, localAddress }),
      }),
    );
    const server = createServer((request, response) => void answer(request, response, pools));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new LeakyShop(server, pools);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    for (const pool of this.#pools) await pool.end();
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, pools: readonly Pool[]): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://shop');
  const endpoint = ENDPOINTS[url.pathname];
  const pool = pools[Number(url.searchParams.get('host') ?? 0)];
  if (endpoint === undefined || pool === undefined) {
    response.writeHead(404).end();
    return;
  }
  try {
    const [rows] = await pool.query<RowDataPacket[]>(endpoint.statement(url.searchParams.get('q') ?? ''));
    const shown = endpoint.showsRows
      ? rows.map((row) => `<li>${Object.values(row).join(' ')}</li>`).join('')
      : rows.length > 0
        ? 'There is.'
        : 'Nothing found.';
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<html><body><ul>${shown}</ul></body></html>`);
  } catch (error) {
    const said = endpoint.showsErrors && error instanceof Error ? error.message : 'Something went wrong.';
    response.writeHead(500, { 'content-type': 'text/html' }).end(`<html><body>${said}</body></html>`);
  }
}

/** Tables of the shop and its account, as statements of root. */
export function shopSchema(user: string, password: string): string[] {
  const rows = (count: number, row: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => row(n)).join(', ');
  return [
    'CREATE DATABASE shop',
    'USE shop',
    'CREATE TABLE products (id INT PRIMARY KEY, name VARCHAR(40), price DECIMAL(8, 2))',
    'CREATE TABLE customers (id INT PRIMARY KEY, email VARCHAR(60), password_hash CHAR(40), is_locked INT)',
    'CREATE TABLE stock (product_id INT PRIMARY KEY, amount INT)',
    `INSERT INTO products VALUES ${rows(40, (n) => `(${n}, 'thing ${n}', ${n}.5)`)}`,
    `INSERT INTO customers VALUES ${rows(12, (n) => `(${n}, 'c${n}@example.org', SHA1('secret ${n}'), 0)`)}`,
    `INSERT INTO stock VALUES ${rows(40, (n) => `(${n}, ${n * 3})`)}`,
    `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO '${user}'@'%'`,
  ];
}
