import { readChangelogValue } from '../../processors/service/changelog-value.ts';
import type { Unreadable } from './unreadable.ts';

/** A value of a state topic as one may show it: where it stands, how long it is, and how much of each thing it holds. */
export interface StateShape {
  readonly bytes: number;
  readonly epoch: number;
  readonly position: number;
  /** Of texts how many characters, of lists and maps how many things. Numbers are left out: one could be a bound value. */
  readonly holds: Readonly<Record<string, number>>;
}

/** Part of a long text, which has no shape. */
export interface BlobShape {
  readonly bytes: number;
  readonly is_part_of_text: true;
}

/** Keys are `SOURCE-TOPIC|OWNER|NAME`; names of parts of long texts begin with this. */
const BLOB_KEY = /^[\w.-]+\|\d+\.[0-9a-f]{8}\|blob\//;
/** Our own names are short words: anything else was not written by us, and is not repeated. */
const FIELD_NAME = /^[a-z][A-Za-z_]{0,31}$/;

/** @param value A record of a state topic; any bytes. */
export function stateShape(key: string | null, value: Buffer): StateShape | BlobShape | Unreadable {
  const bytes = value.length;
  if (key !== null && BLOB_KEY.test(key)) return { bytes, is_part_of_text: true };
  const read = readChangelogValue(value);
  if (read === null) return { unreadable: 'no value of a changelog', bytes };
  const { epoch, position, text } = read;
  return { bytes, epoch, position, holds: sizesOf(text) };
}

function sizesOf(text: string): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [name, field] of Object.entries(objectOf(text))) {
    if (!FIELD_NAME.test(name)) continue;
    if (typeof field === 'string' || Array.isArray(field)) sizes[name] = field.length;
    else if (typeof field === 'object' && field !== null) sizes[name] = Object.keys(field).length;
  }
  return sizes;
}

function objectOf(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
