import { SqltrailError } from '../../runtime/errors.ts';
import { engineCodeMeaning } from './engine-codes.ts';
import { engineCodeOf } from './store-errors.ts';

/** So many rows refused and none taken mean that the table is at fault, and not the rows. */
const REFUSED_ALIKE = 64;
/** A constraint that someone gave the table does refuse rows, however many. */
const VIOLATED_CONSTRAINT = '469';

/** Whether ClickHouse refused a block for its contents. */
export function isRefusal(error: unknown): boolean {
  return engineCodeMeaning(engineCodeOf(error)) === 'refuses_rows';
}

/**
 * Writes the rows of a block that was refused: halves it until the rows at fault are found, which takes about 2·log2(rows)
 * writes for one of them.
 *
 * @param reject Told of each row that is refused alone, with ClickHouse's code.
 * @throws What `write` throws and is no refusal; SqltrailError `store_failed` where 64 rows are refused and none is taken.
 */
export async function writeAroundRefused<T>(
  rows: readonly T[],
  write: (rows: readonly T[]) => Promise<void>,
  reject: (row: T, code: string) => void,
): Promise<void> {
  /** Held back while it may still be the table that is at fault. */
  const refused: { row: T; code: string }[] = [];
  let taken = 0;
  const halves = [rows.slice(rows.length >> 1), rows.slice(0, rows.length >> 1)];
  for (let part = halves.pop(); part !== undefined; part = halves.pop()) {
    if (part.length === 0) continue;
    try {
      await write(part);
      taken += part.length;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (part.length > 1) {
        halves.push(part.slice(part.length >> 1), part.slice(0, part.length >> 1));
        continue;
      }
      refused.push({ row: part[0]!, code: engineCodeOf(error) });
      if (taken === 0 && refused.length >= REFUSED_ALIKE && engineCodeOf(error) !== VIOLATED_CONSTRAINT)
        throw tableAtFault(error);
    }
    if (taken > 0) for (const { row, code } of refused.splice(0)) reject(row, code);
  }
  for (const { row, code } of refused) reject(row, code);
}

function tableAtFault(cause: unknown): SqltrailError {
  return new SqltrailError(
    'store_failed',
    `ClickHouse refuses every row of a batch (error ${engineCodeOf(cause)}).`,
    'Compare the tables with sql/migrations: a column may have been changed by hand.',
    { cause },
  );
}
