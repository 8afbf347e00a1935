import { jsonLine } from '../output/json-line.ts';
import { TableLayout } from '../query/table-layout.ts';
import type { DeadLetter } from './read-letters.ts';

export const LETTER_FORMATS = ['table', 'json', 'ndjson'] as const;
export type LetterFormat = (typeof LETTER_FORMATS)[number];

const NAMES = ['time', 'stage', 'reason', 'error_code', 'bytes', 'server_id', 'key'];
const TYPES = ['String', 'String', 'String', 'String', 'UInt64', 'String', 'String'];

/**
 * Dead letters as text: for people, as one array, or one object a line.
 * @param columns Of the terminal; Infinity where there is none.
 */
export function lettersText(letters: readonly DeadLetter[], format: LetterFormat, columns: number): string {
  if (format === 'ndjson') return letters.map(jsonLine).join('');
  if (format === 'json') return `[\n${letters.map((letter) => jsonLine(letter).trimEnd()).join(',\n')}\n]\n`;
  const rows = letters.map(({ time, stage, reason, error_code, bytes, server_id = '', key }) => [
    time,
    stage,
    reason,
    error_code,
    String(bytes),
    server_id,
    key,
  ]);
  const layout = new TableLayout(NAMES, TYPES, rows, columns);
  return layout.header() + rows.map((row) => layout.row(row)).join('');
}
