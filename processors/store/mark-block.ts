// Hot path
import { clampTimeUs } from '../../schemas/iso-time.ts';
import { MarkedMinutes } from './marked-minutes.ts';
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
  readonly #marked: MarkedMinutes;
  readonly #isShared: boolean;

  /** @param shared Minutes that were marked in earlier batches and need no mark; null: each batch marks its own. */
  constructor(shared: MarkedMinutes | null) {
    this.#marked = shared ?? new MarkedMinutes();
    this.#isShared = shared !== null;
  }

  get structure(): string {
    return this.#block.structure;
  }

  /** The block has room for a row. */
  add(serverId: string, timeUs: number): void {
    const minute = Math.floor(clampTimeUs(timeUs) / MINUTE_US);
    if (!this.#marked.add(serverId, minute)) return;
    const row = this.rows++;
    this.#serverId.set(row, serverId);
    this.#minute.set(row, minute * 60);
  }

  /** @returns A view of the encoded block, valid until the next call. */
  encode(): Buffer {
    return this.#block.encode(this.rows);
  }

  reset(): void {
    this.#block.reset();
    if (!this.#isShared) this.#marked.clear();
    this.rows = 0;
  }
}
