/**
 * Every feature by name, and what it says. Rules name them (`features: tautology`), lines between stages carry them; a name once
 * given keeps its meaning.
 */
export const FEATURES = {
  tautology: 'a condition of nothing but literals stands behind OR, XOR, HAVING, RLIKE or beside a condition',
} as const satisfies Readonly<Record<string, string>>;

export type FeatureName = keyof typeof FEATURES;

export const FEATURE_NAMES: readonly string[] = Object.keys(FEATURES);
/** Name → number, which only this process knows. */
export const FEATURE_INDEX: ReadonlyMap<string, number> = new Map(FEATURE_NAMES.map((name, index) => [name, index]));
