/** The known name that a mistyped one most likely means: at most a third of its letters away; null without such a one. */
export function closestName(wrong: string, known: Iterable<string>): string | null {
  // Longer than any name there is: a distance would cost much and tell nothing.
  if (wrong.length > 64) return null;
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const name of known) {
    const distance = plain(wrong) === plain(name) ? 0 : editDistance(wrong, name);
    if (distance >= bestDistance) continue;
    best = name;
    bestDistance = distance;
  }
  return best;
}

/** `clientId`, `client-id` and `CLIENT_ID` are one name. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** Insertions, deletions and replacements from one text to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let before = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isEqual = from[row - 1] === to[column - 1];
      const replaced = before[column - 1]! + (isEqual ? 0 : 1);
      current.push(Math.min(replaced, before[column]! + 1, current[column - 1]! + 1));
    }
    before = current;
  }
  return before[to.length]!;
}
