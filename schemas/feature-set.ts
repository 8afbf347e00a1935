// Hot path
import { FEATURE_INDEX, FEATURE_NAMES } from './feature-names.ts';

/** Numbers of 32 bits that hold every feature. */
export const FEATURE_WORDS = Math.ceil(FEATURE_NAMES.length / 32);
/** Sets kept so that equal ones are mostly the same object. */
const MOST_INTERNED = 16_384;

/** What is striking about one statement and its answer, as facts without any value of them. Immutable; equal sets are mostly one object. */
export class FeatureSet {
  private readonly words: Int32Array;

  private constructor(words: Int32Array) {
    this.words = words;
  }

  has(feature: number): boolean {
    return (this.words[feature >> 5]! & (1 << (feature & 31))) !== 0;
  }

  get isEmpty(): boolean {
    return this === NO_FEATURES;
  }

  equals(other: FeatureSet): boolean {
    if (other === this) return true;
    for (let i = 0; i < FEATURE_WORDS; i++) if (this.words[i] !== other.words[i]) return false;
    return true;
  }

  /** In the order of `FEATURES`. */
  names(): string[] {
    return FEATURE_NAMES.filter((_, feature) => this.has(feature));
  }

  /** The set of all of both. */
  with(other: FeatureSet): FeatureSet {
    if (other.isEmpty || other === this) return this;
    if (this.isEmpty) return other;
    return FeatureSet.of(this.words.map((word, i) => word | other.words[i]!));
  }

  /** @param words Copied; bit `feature & 31` of word `feature >> 5`. */
  static of(words: Int32Array): FeatureSet {
    let key = '';
    for (let i = 0; i < FEATURE_WORDS; i++) key += `${words[i]!} `;
    let set = interned.get(key);
    if (set === undefined) {
      // Only attackers make so many combinations; what is dropped is made again.
      if (interned.size >= MOST_INTERNED) interned.clear();
      set = new FeatureSet(words.slice(0, FEATURE_WORDS));
      interned.set(key, set);
      interned.set(EMPTY_KEY, NO_FEATURES);
    }
    return set;
  }

  /** Names that this version does not know are left out. */
  static named(names: readonly string[]): FeatureSet {
    const words = new Int32Array(FEATURE_WORDS);
    for (const name of names) {
      const feature = FEATURE_INDEX.get(name);
      if (feature !== undefined) words[feature >> 5]! |= 1 << (feature & 31);
    }
    return FeatureSet.of(words);
  }

  static empty(): FeatureSet {
    return new FeatureSet(new Int32Array(FEATURE_WORDS));
  }
}

const interned = new Map<string, FeatureSet>();
const EMPTY_KEY = '0 '.repeat(FEATURE_WORDS);
/** Nothing striking, as of nearly every statement. */
export const NO_FEATURES: FeatureSet = FeatureSet.empty();
interned.set(EMPTY_KEY, NO_FEATURES);
