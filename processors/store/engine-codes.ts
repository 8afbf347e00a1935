/**
 * What the exception codes of ClickHouse mean for a writer
 * (https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp).
 */

/** A later attempt may succeed: timeouts, network, disk, memory, quotas, too many parts or queries, Keeper, replicas. */
const RETRIABLE: ReadonlySet<string> = new Set(
  '3 74 75 76 95 99 159 160 173 198 201 202 203 209 210 225 236 241 242 243 252 279 285 286 289 290 319 364 394 425 439 473 519 571 667 668 677 700 733 999'.split(
    ' ',
  ),
);

/** The rows are at fault: other rows of the same block may be taken. */
const REFUSES_ROWS: ReadonlySet<string> = new Set(
  '6 26 27 32 33 38 41 53 69 70 72 117 128 131 190 246 321 349 407 469 691 1002'.split(' '),
);

/** The user, the password or the rights are wrong. */
const DENIED: ReadonlySet<string> = new Set(['164', '192', '193', '194', '195', '452', '497', '516']);

/** A table, a column or the database is not there. */
const MISSING: ReadonlySet<string> = new Set(['10', '16', '47', '60', '81']);

export type EngineCodeMeaning = 'retriable' | 'refuses_rows' | 'denied' | 'missing' | 'other';

/** @param code As ClickHouse gives it, in decimal. */
export function engineCodeMeaning(code: string): EngineCodeMeaning {
  if (RETRIABLE.has(code)) return 'retriable';
  if (REFUSES_ROWS.has(code)) return 'refuses_rows';
  if (DENIED.has(code)) return 'denied';
  return MISSING.has(code) ? 'missing' : 'other';
}
