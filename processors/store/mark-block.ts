// Hot path
import { clampTimeUs } from '../../schemas/iso-time.ts';
import { NativeBlock } from './native-block.ts';
import { UInt32Column } from './native-columns.ts';
import { DictionaryColumn, MAX_BLOCK_ROWS } from './native-strings.ts';

const MINUTE_US = 60_000_000;

/** The minutes of servers that the facts of a batch touch, each once: rows of `rollup_marks`. At most one per fact. */
export class MarkBlock {
  rows = 0;
  readonly #serverId = new DictionaryColumn('server_id');
  readonly #minute = new UInt32Column('minute', "DateTime('UTC')", MAX_BLOCK_ROWS);
  readonly #block = new NativeBlock([this.#serverId, this.#minute]);
  /** Minutes marked, by server. */
  readonly #marked = new Map<string, Set<number>>();
  #lastServer = '';
  #lastMinute = -1;

  get structure(): string {
    return this.#block.structure;
  }

  /** The block has room for a row. */
  add(serverId: string, timeUs: number): void {
    const minute = Math.floor(clampTimeUs(timeUs) / MINUTE_US);
    if (minute === this.#lastMinute && serverId === this.#lastServer) return;
    this.#lastMinute = minute;
    this.#lastServer = serverId;
    const minutes = this.#minutesOf(serverId);
    if (minutes.has(minute)) return;
    minutes.add(minute);
    const row = this.rows++;
    this.#serverId.set(row, serverId);
    this.#minute.set(row, minute * 60);
  }

  #minutesOf(serverId: string): Set<number> {
    let minutes = this.#marked.get(serverId);
    if (minutes === undefined) {
      minutes = new Set();
      this.#marked.set(serverId, minutes);
    }
    return minutes;
  }

  /** @returns A view of the encoded block, valid until the next call. */
  encode(): Buffer {
    return this.#block.encode(this.rows);
  }

  reset(): void {
    this.#block.reset();
    this.#marked.clear();
    this.#lastMinute = -1;
    this.rows = 0;
  }
}
