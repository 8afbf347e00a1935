import type { Masker } from '../../../processors/mask/masker.ts';
import { type SqlMode, SqlText, type TextLoss } from '../../../schemas/sql-text.ts';
import type { Statement } from '../../../schemas/statement.ts';

export const DEFAULT_MODE: SqlMode = { charset: 'utf8mb4', noBackslashEscapes: false, ansiQuotes: false };
export const UNKNOWN_MODE: SqlMode = { charset: '', noBackslashEscapes: null, ansiQuotes: null };

/** The statement of these bytes, which stand in a larger buffer as they do in a message. */
export function maskBytes(
  masker: Masker,
  sql: Buffer | string,
  mode: SqlMode = DEFAULT_MODE,
  loss: TextLoss = 'none',
): Statement {
  const body = typeof sql === 'string' ? Buffer.from(sql) : sql;
  const bytes = Buffer.concat([Buffer.from("'"), body, Buffer.from("x'")]);
  return masker.mask(new SqlText(bytes, 1, 1 + body.length, mode, loss));
}
