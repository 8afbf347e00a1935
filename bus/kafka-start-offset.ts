/**
 * Where to start in a partition.
 * @param wanted What the member or its group says.
 * @param range The oldest offset kept, and that of the next record to come.
 * @returns `wanted` where that is kept or next; otherwise the oldest: records between were removed, or the topic was made anew.
 */
export function startOffset(wanted: number, range: { readonly low: number; readonly high: number }): number {
  return wanted < range.low || wanted > range.high ? range.low : wanted;
}
