import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A row of a process list: id, user, host, database, time. */
export type FakeSession = readonly [id: number, user: string, host: string, database: string | null, time: number];

/** How a server that only plays one behaves; may be changed at any time. */
export interface FakeBehaviour {
  version: string;
  sessions: readonly FakeSession[];
  /** Before each answer to a query. */
  delayMs: number;
  refusesLogin: boolean;
  /** Takes connections and says nothing, not even a greeting. */
  isMute: boolean;
  /** SQLSTATE-less error number with which lists are refused; 0: they are given. */
  refusesLists: number;
  /** Whether the user lacks PROCESS: what needs it is refused, and lists hold the user's own sessions alone. */
  lacksProcess: boolean;
}

export interface FakeMysql {
  readonly port: number;
  readonly behaviour: FakeBehaviour;
  /** Every query so far. */
  readonly queries: string[];
  /** How many of them were answered. */
  answered: number;
  /** That were taken. */
  connections: number;
  /** Bytes of the last login. */
  login: Buffer;
  close(): Promise<void>;
}

/** Everything that clients of today ask for but TLS, compression and results without EOF. */
const CAPABILITIES = 0x00bff7df & ~0x0820;
const UTF8MB4 = 45;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const EOF = Buffer.from([0xfe, 0, 0, 2, 0]);

/** A server of MySQL's protocol that knows what a watcher asks, and nothing else. */
export async function startFakeMysql(given: Partial<FakeBehaviour> = {}): Promise<FakeMysql> {
  const behaviour: FakeBehaviour = {
    version: '8.4.0',
    sessions: [],
    delayMs: 0,
    refusesLogin: false,
    isMute: false,
    refusesLists: 0,
    lacksProcess: false,
    ...given,
  };
  const queries: string[] = [];
  const open = new Set<Socket>();
  let nextId = 1_000_000;
  const server = createServer((socket) => {
    const connectionId = nextId++;
    let received = Buffer.alloc(0);
    let isLoggedIn = false;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    fake.connections++;
    if (!behaviour.isMute) send(socket, 0, [greeting(behaviour.version, connectionId)]);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readUIntLE(0, 3)) {
        const length = received.readUIntLE(0, 3);
        const sequence = received[3]! + 1;
        const payload = received.subarray(4, 4 + length);
        received = received.subarray(4 + length);
        if (!isLoggedIn) {
          isLoggedIn = true;
          fake.login = payload;
          send(socket, sequence, [behaviour.refusesLogin ? refusal(1045) : OK]);
        } else if (payload[0] === 3) {
          const sql = payload.toString('utf8', 1);
          queries.push(sql);
          setTimeout(() => {
            if (!socket.writable) return;
            fake.answered++;
            send(socket, 1, answer(sql, connectionId, behaviour));
          }, behaviour.delayMs).unref();
        }
      }
    });
  });
  const fake: FakeMysql = {
    port: 0,
    behaviour,
    queries,
    answered: 0,
    connections: 0,
    login: Buffer.alloc(0),
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(fake, { port: (server.address() as AddressInfo).port });
}

function answer(sql: string, connectionId: number, behaviour: FakeBehaviour): Buffer[] {
  if (sql.startsWith('SELECT CONNECTION_ID')) return table([[String(connectionId), behaviour.version, '0']]);
  if (sql.includes('sqltrail_watch')) return table(counters(connectionId));
  if (sql.includes('Uptime')) return table([['Uptime', '100000']]);
  if (sql.includes('INNODB_CMP')) return behaviour.lacksProcess ? [refusal(1227)] : table([['1']]);
  if (sql.includes("'Com\\_%'")) return table([['Com_select', '9']]);
  if (!/PROCESSLIST/i.test(sql)) return [OK];
  if (behaviour.refusesLists !== 0) return [refusal(behaviour.refusesLists)];
  return table(behaviour.sessions.map((row) => row.map((cell) => (cell === null ? null : String(cell)))));
}

/** Always the same: nothing was run meanwhile. */
function counters(connectionId: number): string[][] {
  return [
    ['status', 'Questions', '', '1000'],
    ['status', 'Uptime', '', '100000'],
    ['own', String(connectionId), '', '7'],
  ];
}

function greeting(version: string, connectionId: number): Buffer {
  const numbers = Buffer.alloc(4);
  numbers.writeUInt32LE(connectionId);
  const low = Buffer.from([CAPABILITIES & 255, (CAPABILITIES >> 8) & 255]);
  const high = Buffer.from([(CAPABILITIES >> 16) & 255, (CAPABILITIES >> 24) & 255]);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    numbers,
    Buffer.from('12345678\0'),
    low,
    Buffer.from([UTF8MB4, 2, 0]),
    high,
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0mysql_native_password\0'),
  ]);
}

function refusal(code: number): Buffer {
  return Buffer.concat([Buffer.from([0xff, code & 255, code >> 8]), Buffer.from('#28000a secret of the server')]);
}

function table(rows: readonly (readonly (string | null)[])[]): Buffer[] {
  const width = rows[0]?.length ?? 5;
  const columns = Array.from({ length: width }, (_, i) =>
    Buffer.concat([
      ...['def', '', '', '', `c${i}`, ''].map(text),
      Buffer.from([0x0c, UTF8MB4, 0, 0, 4, 0, 0, 253, 0, 0, 0, 0, 0]),
    ]),
  );
  const cells = rows.map((row) => Buffer.concat(row.map((cell) => (cell === null ? Buffer.from([0xfb]) : text(cell)))));
  return [Buffer.from([width]), ...columns, EOF, ...cells, EOF];
}

/** Length-encoded. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length =
    bytes.length < 251 ? Buffer.from([bytes.length]) : Buffer.from([0xfc, bytes.length & 255, bytes.length >> 8]);
  return Buffer.concat([length, bytes]);
}

function send(socket: Socket, sequence: number, payloads: readonly Buffer[]): void {
  const packets = payloads.map((payload, i) => {
    const head = Buffer.alloc(4);
    head.writeUIntLE(payload.length, 0, 3);
    head[3] = (sequence + i) & 255;
    return Buffer.concat([head, payload]);
  });
  if (socket.writable) socket.write(Buffer.concat(packets));
}
