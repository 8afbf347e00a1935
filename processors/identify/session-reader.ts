import type { Bus } from '../../bus/bus.ts';
import { readSessionKey, readSessionRecord, sessionPartition } from '../../schemas/session-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { SessionTable } from './session-table.ts';

const PAUSE_MS = 1_000;

/** Keeps a table in step with `mysql.sessions.v1`, all of it, in every process that identifies. */
export class SessionReader {
  /** `unreadable`: records that are none. */
  readonly counters = { records: 0, unreadable: 0 };
  private readonly bus: Pick<Bus, 'partitions' | 'read'>;
  private readonly table: SessionTable;
  private readonly next: number[] = [];
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(bus: Pick<Bus, 'partitions' | 'read'>, table: SessionTable) {
    this.bus = bus;
    this.table = table;
  }

  /** Reads what there is, then goes on. @param fail Hears of what no waiting heals. @throws SqltrailError as the bus does. */
  async start(fail: (error: unknown) => void): Promise<void> {
    const partitions = await this.bus.partitions(TOPIC.sessions);
    for (let partition = 0; partition < partitions; partition++) this.next.push(0);
    await this.readOn();
    const again = () => {
      if (this.isClosed) return;
      this.timer = setTimeout(() => {
        this.reading = this.readOn().then(again, (error: unknown) => {
          if (!this.isClosed) fail(error);
        });
      }, PAUSE_MS);
    };
    again();
  }

  /** The bus is to be closed before: it may be waiting for brokers. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.reading;
  }

  private async readOn(): Promise<void> {
    for (const partition of this.next.keys()) {
      for await (const records of this.bus.read(TOPIC.sessions, partition, this.next[partition]!)) {
        if (this.isClosed) return;
        for (const { key, value, offset } of records) {
          this.take(partition, key, value);
          this.next[partition] = offset + 1;
        }
      }
    }
  }

  private take(partition: number, key: string | null, value: Buffer | null): void {
    const named = key === null ? null : readSessionKey(key);
    this.counters.records++;
    // Where the topic got more partitions, a server's records go elsewhere: nobody takes back what is left here.
    if (named !== null && sessionPartition(named.serverId, this.next.length) !== partition) return;
    if (value === null) {
      if (named !== null && named.connectionId !== null) this.table.removeSession(named.serverId, named.connectionId);
      else this.counters.unreadable++;
      return;
    }
    const record = readSessionRecord(value);
    if (record === null || record.server_id !== named?.serverId) this.counters.unreadable++;
    else if (record.kind === 'session') this.table.addSession(record);
    else this.table.endReading(record);
  }
}
