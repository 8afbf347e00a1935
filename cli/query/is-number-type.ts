/** Whether the values of a ClickHouse type are numbers, with or without null. */
export function isNumberType(type: string): boolean {
  return /^(?:Nullable\(|LowCardinality\()*(?:U?Int|Float|Decimal)/.test(type);
}
