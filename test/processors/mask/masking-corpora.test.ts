import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Masker } from '../../../processors/mask/masker.ts';
import { maskBytes } from './mask-bytes.ts';

const CORPORA = join(import.meta.dirname, '../../../../shared/corpora');
const isPresent = existsSync(CORPORA);
if (!isPresent) process.stderr.write('skipped: no ../shared/corpora beside the project\n');

interface Case {
  readonly id: string;
  readonly sql?: string;
  readonly sql_hex?: string;
  readonly sql_mode: string;
  readonly charset: string;
  readonly safe: string;
  readonly canary: readonly string[];
  readonly keep: readonly string[];
}

/**
 * A hint's contents are shown, with their literals masked: they are structure that an analyst needs. A text that ends
 * inside a string is hidden from its first string on. Digits after a non-breaking blank are a value, though the server takes both
 * and the word before them for one name. So are the digits of an unquoted host behind `@`.
 */
const DIFFERS_ON_PURPOSE = ['com11', 'gbk3', 'sp3', 'usr2'];

function squeezed(sql: string): string {
  return sql.replace(/\s+/g, '').toLowerCase();
}

describe.skipIf(!isPresent)('masking the shared corpora', () => {
  const cases: readonly Case[] = isPresent ? JSON.parse(readFileSync(join(CORPORA, 'masking_cases.json'), 'utf8')) : [];

  it.each(cases.map((c) => [c.id, c] as const))('gives nothing away in case %s', (id, c) => {
    const bytes = c.sql_hex === undefined ? Buffer.from(c.sql ?? '') : Buffer.from(c.sql_hex, 'hex');
    const mode = {
      charset: c.charset,
      noBackslashEscapes: c.sql_mode.includes('NO_BACKSLASH_ESCAPES'),
      ansiQuotes: c.sql_mode.includes('ANSI_QUOTES'),
    };
    const { masked } = maskBytes(new Masker(), bytes, mode, id === 'trn6' ? 'head' : 'none');
    for (const canary of c.canary) expect(masked.toLowerCase()).not.toContain(canary.toLowerCase());
    for (const kept of c.keep) expect(masked.toLowerCase()).toContain(kept.toLowerCase());
    if (!DIFFERS_ON_PURPOSE.includes(id)) expect(squeezed(masked)).toBe(squeezed(c.safe));
  });

  const files = isPresent ? readdirSync(CORPORA).filter((file) => file.endsWith('.jsonl.gz')) : [];
  it.each(files)('reads all of %s, and masks what it masked to the same', (file) => {
    const masker = new Masker();
    const second = new Masker();
    const lines = gunzipSync(readFileSync(join(CORPORA, file)))
      .toString('utf8')
      .split('\n')
      .filter(Boolean);
    const changed: string[] = [];
    for (const line of lines) {
      const { sql } = JSON.parse(line) as { sql?: string };
      if (sql === undefined) continue;
      const { masked } = maskBytes(masker, Buffer.from(sql));
      const again = maskBytes(second, Buffer.from(masked)).masked;
      if (again !== masked) changed.push(`${masked} -> ${again}`);
      if (changed.length > 5) break;
    }
    expect(changed).toEqual([]);
  });
});
