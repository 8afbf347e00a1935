// Hot path
import { FEATURE_INDEX, type FeatureName } from '../../../schemas/feature-names.ts';
import { FEATURE_WORDS, FeatureSet } from '../../../schemas/feature-set.ts';

/** Number of a feature, to be asked for once. */
export function featureOf(name: FeatureName): number {
  return FEATURE_INDEX.get(name)!;
}

/** Features found so far in one statement. */
export class FoundFeatures {
  private readonly words = new Int32Array(FEATURE_WORDS);

  clear(): void {
    this.words.fill(0);
  }

  add(feature: number): void {
    this.words[feature >> 5]! |= 1 << (feature & 31);
  }

  remove(feature: number): void {
    this.words[feature >> 5]! &= ~(1 << (feature & 31));
  }

  has(feature: number): boolean {
    return (this.words[feature >> 5]! & (1 << (feature & 31))) !== 0;
  }

  set(): FeatureSet {
    return FeatureSet.of(this.words);
  }
}
