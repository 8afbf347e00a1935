import type { Connection, RowDataPacket } from 'mysql2/promise';

const COUNTERS = /^(Questions|Queries|Com_.*|Connections|Aborted_connects|Ssl_accepts)$/;

/** What status variables gained; those that gained nothing are left out. */
export type Gains = Readonly<Record<string, number>>;

/** Reads a server's counters over a connection of its own, and takes off what its own reading counts. */
export class CounterObserver {
  readonly #connection: Connection;
  #own: Gains = {};

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** To be called once, while nobody else does anything. */
  async calibrate(): Promise<void> {
    await this.#read();
    const before = await this.#read();
    this.#own = difference(before, await this.#read(), {});
  }

  /** @param less What else is done beside that is not meant. */
  async gains(action: () => Promise<unknown>, less: Gains = {}): Promise<Gains> {
    const before = await this.#read();
    await action();
    return difference(difference(before, await this.#read(), this.#own), null, less);
  }

  async #read(): Promise<Gains> {
    const [rows] = await this.#connection.query<RowDataPacket[]>('SHOW GLOBAL STATUS');
    const pairs = rows.map((row) => [String(row['Variable_name']), Number(row['Value'])] as const);
    return Object.fromEntries(pairs.filter(([name]) => COUNTERS.test(name)));
  }
}

function difference(before: Gains, after: Gains | null, less: Gains): Gains {
  const names = new Set([...Object.keys(before), ...Object.keys(less)]);
  const gains: Record<string, number> = {};
  for (const name of names) {
    const gain = after === null ? (before[name] ?? 0) : (after[name] ?? 0) - (before[name] ?? 0);
    const left = gain - (less[name] ?? 0);
    if (left !== 0) gains[name] = left;
  }
  return gains;
}
