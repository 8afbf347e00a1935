import type { QueryParameters, RowFormat } from '../../processors/store/clickhouse-client.ts';
import { isNumberType } from './is-number-type.ts';
import { TableLayout } from './table-layout.ts';

export const QUERY_FORMATS = ['table', 'json', 'ndjson', 'csv'] as const;
export type QueryFormat = (typeof QUERY_FORMATS)[number];

/** What printing needs of a client. */
export interface QueryRunner {
  query(sql: string, parameters: QueryParameters, format: RowFormat): Promise<AsyncIterable<string[]>>;
}

/** Takes text, settles when it may be given more. */
export type Print = (text: string) => Promise<void>;

/** Rows that decide the widths of a table. */
const SAMPLE_ROWS = 1000;

/**
 * Runs a query and prints its rows as they come. json is one array, ndjson an object per line, csv as RFC 4180 with a
 * header, where text that a spreadsheet would take for a formula is led by an apostrophe; table for people.
 *
 * @param columns Width of the terminal; Infinity where there is none.
 * @returns How many rows there were.
 */
export async function printResult(
  runner: QueryRunner,
  sql: string,
  parameters: QueryParameters,
  format: QueryFormat,
  columns: number,
  print: Print,
): Promise<number> {
  if (format === 'json' || format === 'ndjson')
    return printJson(await runner.query(sql, parameters, 'JSONEachRow'), format, print);
  const rows = await runner.query(sql, parameters, 'JSONCompactStringsEachRowWithNamesAndTypes');
  return format === 'csv' ? printCsv(rows, print) : printTable(rows, columns, print);
}

async function printJson(batches: AsyncIterable<string[]>, format: 'json' | 'ndjson', print: Print): Promise<number> {
  let rows = 0;
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    const lead = rows === 0 ? '[\n' : ',\n';
    await print(format === 'ndjson' ? `${batch.join('\n')}\n` : lead + batch.join(',\n'));
    rows += batch.length;
  }
  if (format === 'json') await print(rows === 0 ? '[]\n' : '\n]\n');
  return rows;
}

async function printCsv(batches: AsyncIterable<string[]>, print: Print): Promise<number> {
  let seen = 0;
  let isNumber: readonly boolean[] = [];
  for await (const batch of batches) {
    let text = '';
    for (const line of batch) {
      const values = cells(line);
      if (seen === 0) text += csvLine(values);
      else if (seen === 1) isNumber = values.map(isNumberType);
      else text += csvLine(values.map((value, i) => (isNumber[i] ? value : withoutFormula(value))));
      seen++;
    }
    await print(text);
  }
  return Math.max(0, seen - 2);
}

function csvLine(values: readonly string[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

/** Statements and names come from whoever speaks to the database: a spreadsheet must not run them. */
function withoutFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function printTable(batches: AsyncIterable<string[]>, columns: number, print: Print): Promise<number> {
  let pending: string[][] = [];
  let layout: TableLayout | null = null;
  let seen = 0;
  for await (const batch of batches) {
    seen += batch.length;
    for (const line of batch) pending.push(cells(line));
    if (layout === null && pending.length < SAMPLE_ROWS + 2) continue;
    const isFirst: boolean = layout === null;
    layout ??= layoutOf(pending, columns);
    await print(tableText(layout, pending, isFirst));
    pending = [];
  }
  if (layout === null && pending.length > 2) await print(tableText(layoutOf(pending, columns), pending, true));
  return Math.max(0, seen - 2);
}

function layoutOf(lines: readonly string[][], columns: number): TableLayout {
  return new TableLayout(lines[0] ?? [], lines[1] ?? [], lines.slice(2, SAMPLE_ROWS + 2), columns);
}

function tableText(layout: TableLayout, lines: readonly string[][], isFirst: boolean): string {
  const rows = (isFirst ? lines.slice(2) : lines).map((line) => layout.row(line)).join('');
  return isFirst ? layout.header() + rows : rows;
}

function cells(line: string): string[] {
  const values: unknown = JSON.parse(line);
  return Array.isArray(values) ? values.map((value) => (value === null ? 'NULL' : String(value))) : [];
}
