import type { LedgerEntry } from '../../schemas/ledger.ts';
import { NativeBlock } from './native-block.ts';
import { UInt32Column, UInt64Column } from './native-columns.ts';
import { CountMapColumn } from './native-map.ts';
import { DictionaryColumn, MAX_BLOCK_ROWS } from './native-strings.ts';

/** Bytes of one row without its texts. */
const FIXED_ROW_BYTES = 70;

/** Up to {@link MAX_BLOCK_ROWS} rows of `ledger`. */
export class LedgerBlock {
  rows = 0;
  readonly #minute = new UInt32Column('minute', "DateTime('UTC')", MAX_BLOCK_ROWS);
  readonly #serverId = new DictionaryColumn('server_id');
  readonly #stage = new DictionaryColumn('stage');
  readonly #origin = new DictionaryColumn('origin');
  readonly #ordinal = new UInt64Column('ordinal', 'UInt64', MAX_BLOCK_ROWS);
  readonly #unit = new DictionaryColumn('unit');
  readonly #takenIn = new UInt64Column('taken_in', 'UInt64', MAX_BLOCK_ROWS);
  readonly #passedOn = new UInt64Column('passed_on', 'UInt64', MAX_BLOCK_ROWS);
  readonly #open = new UInt64Column('open', 'UInt64', MAX_BLOCK_ROWS);
  readonly #lost = new CountMapColumn('lost');
  readonly #impaired = new CountMapColumn('impaired');
  readonly #version = new UInt64Column('version', 'UInt64', MAX_BLOCK_ROWS);
  readonly #block = new NativeBlock([
    this.#minute,
    this.#serverId,
    this.#stage,
    this.#origin,
    this.#ordinal,
    this.#unit,
    this.#takenIn,
    this.#passedOn,
    this.#open,
    this.#lost,
    this.#impaired,
    this.#version,
  ]);

  get structure(): string {
    return this.#block.structure;
  }

  /** About the bytes of the encoded block so far. */
  get bytes(): number {
    return this.rows * FIXED_ROW_BYTES + this.#lost.length + this.#impaired.length;
  }

  /** The block has room for the row. Times outside the column move to its ends. */
  add(entry: LedgerEntry): void {
    const row = this.rows++;
    this.#minute.set(row, Math.floor(entry.minuteMs / 60_000) * 60);
    this.#serverId.set(row, entry.serverId);
    this.#stage.set(row, entry.stage);
    this.#origin.set(row, entry.origin);
    this.#ordinal.set(row, entry.ordinal);
    this.#unit.set(row, entry.unit);
    this.#takenIn.set(row, entry.takenIn);
    this.#passedOn.set(row, entry.passedOn);
    this.#open.set(row, entry.open);
    this.#lost.add(entry.lost);
    this.#impaired.add(entry.impaired);
    this.#version.set(row, entry.version);
  }

  /** @returns A view of the encoded block, valid until the next call. */
  encode(): Buffer {
    return this.#block.encode(this.rows);
  }

  reset(): void {
    this.#block.reset();
    this.rows = 0;
  }
}
