import type { Unreadable } from './unreadable.ts';

/** Numbers of a state that say where it stands and nothing of what a statement holds. */
const SHOWN_NUMBERS: ReadonlySet<string> = new Set(['version', 'epoch', 'position', 'ordinal', 'offset']);

/** A value of a state topic as one may show it: its length, where it stands, and how much of each thing it holds. */
export interface StateShape {
  readonly bytes: number;
  /** Of lists and maps how many things, of texts how many characters. */
  readonly holds: Readonly<Record<string, number>>;
  readonly [number: string]: unknown;
}

/** @param value A record of a state topic; any bytes. A chunk of a longer text is `unreadable` by itself. */
export function stateShape(value: Buffer): StateShape | Unreadable {
  const state = objectOf(value);
  if (state === null) return { unreadable: 'no JSON object: a chunk of a text, or not a state', bytes: value.length };
  const holds: Record<string, number> = {};
  const shown: Record<string, number> = {};
  for (const [name, field] of Object.entries(state)) {
    // Our own names are short words: anything else was not written by us, and is not repeated.
    if (!/^[a-z][A-Za-z_]{0,31}$/.test(name)) continue;
    if (typeof field === 'number' && SHOWN_NUMBERS.has(name)) shown[name] = field;
    else if (typeof field === 'string' || Array.isArray(field)) holds[name] = field.length;
    else if (typeof field === 'object' && field !== null) holds[name] = Object.keys(field).length;
  }
  return { bytes: value.length, ...shown, holds };
}

function objectOf(value: Buffer): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(value.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
