import { isEngineError, storeError } from '../../processors/store/store-errors.ts';
import { SqltrailError } from '../../runtime/errors.ts';

/** Syntax, unknown names, wrong types and arguments, forbidden writing: the query is wrong, not the store. */
const CALLER_CODES: ReadonlySet<string> = new Set([
  '36',
  '42',
  '43',
  '46',
  '47',
  '53',
  '62',
  '63',
  '164',
  '179',
  '184',
  '215',
  '352',
  '386',
  '457',
]);
const MAX_MESSAGE = 500;

/**
 * A failed query as an error for the one who asked. The engine's message is shown, as it speaks of the caller's own SQL.
 */
export function queryError(cause: unknown): SqltrailError {
  if (cause instanceof SqltrailError || !isEngineError(cause)) return storeError('The query', cause);
  if (cause.code === '60' && /\b(audit|statements)\b/.test(cause.message)) {
    return new SqltrailError(
      'query_failed',
      'The store has no audit tables.',
      'Record something into it first, with `sqltrail run`.',
      { cause },
    );
  }
  if (cause.code === '164') {
    return new SqltrailError(
      'query_invalid',
      'The query is refused: only reading the store is allowed.',
      'Leave out whatever writes, changes settings or reaches outside the store.',
      { cause },
    );
  }
  const message = cause.message.replace(/\s+/g, ' ').slice(0, MAX_MESSAGE);
  const isCallers = CALLER_CODES.has(cause.code) || cause.code === '60';
  return new SqltrailError(
    isCallers ? 'query_invalid' : 'query_failed',
    `ClickHouse refused the query: ${message}`,
    "The columns are listed by: sqltrail query --sql 'DESCRIBE audit'",
    { cause },
  );
}
