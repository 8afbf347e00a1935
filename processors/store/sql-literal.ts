/** A text as ClickHouse's SQL writes it. */
export function sqlLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
