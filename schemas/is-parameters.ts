import type { AuditEvent } from './audit-event.ts';

/** Whether JSON of anyone is a list of bound values, or of rows of them. */
export function isParameters(values: unknown): values is NonNullable<AuditEvent['parameters']> {
  if (!Array.isArray(values)) return false;
  for (const value of values) if (!isValue(value) && !(Array.isArray(value) && value.every(isValue))) return false;
  return true;
}

/** Whether JSON of anyone is an object of query attributes. */
export function isAttributes(values: unknown): values is NonNullable<AuditEvent['queryAttributes']> {
  return (
    typeof values === 'object' && values !== null && !Array.isArray(values) && Object.values(values).every(isValue)
  );
}

function isValue(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number';
}
