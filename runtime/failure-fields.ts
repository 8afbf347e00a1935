import { SqltrailError } from './errors.ts';
import type { LogFields } from './log.ts';

/** Errors of the language and of the system, whose messages never hold data. */
const PLAIN = new Set(['TypeError', 'RangeError', 'ReferenceError', 'AssertionError']);
const MAX_FRAMES = 12;

/**
 * A failure as fields of a log line: its message where that cannot hold data (an error of another library may quote the SQL it
 * failed on), else its kind alone; and for a bug the places in the code.
 */
export function failureFields(failure: unknown): LogFields {
  if (failure instanceof SqltrailError) return { code: failure.code, problem: failure.message, cure: failure.cure };
  if (!(failure instanceof Error)) return { kind: typeof failure };
  const code = 'code' in failure && typeof failure.code === 'string' ? failure.code : undefined;
  const isPlain = PLAIN.has(failure.name) || (code !== undefined && /^E[A-Z_]+$/.test(code) && 'errno' in failure);
  const frames = (failure.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    kind: failure.name,
    ...(code !== undefined && { code }),
    ...(isPlain && { problem: failure.message }),
    stack: frames
      .slice(0, MAX_FRAMES)
      .map((line) => line.trim())
      .join(' | '),
  };
}
