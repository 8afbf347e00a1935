/** Where a setting's value was given. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly line: number | null }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'flag' };

/** What is wrong with one setting. The message is the end of a sentence that begins with its name, and quotes no value. */
export interface ConfigProblem {
  /** With dots; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

type Section = Record<string, unknown>;

/** Values of a configuration as they are given, the stronger over the weaker, with where each comes from. Not yet checked. */
export class ConfigLayers {
  readonly values: Section;
  private readonly fileLines: ReadonlyMap<string, number>;
  private readonly given = new Map<string, Origin>();

  /**
   * @param file Contents of the file; its empty values count as not given.
   * @param fileLines Line of each value, by its path.
   */
  constructor(file: Section, fileLines: ReadonlyMap<string, number>) {
    this.values = withoutNulls(file) as Section;
    this.fileLines = fileLines;
  }

  /** Sets a value over the one that is there. A secret and the file that holds it replace each other. */
  set(path: string, value: unknown, origin: Origin): void {
    const keys = path.split('.');
    const last = keys.pop()!;
    let section = this.values;
    for (const key of keys) {
      section[key] ??= Object.create(null);
      const next = section[key];
      // Not a section but it should be one: the check of the file will say so.
      if (typeof next !== 'object' || next === null || Array.isArray(next)) return;
      section = next as Section;
    }
    section[last] = value;
    this.given.set(path, origin);
    const sibling = last.endsWith('password') ? `${last}_file` : last.replace(/password_file$/, 'password');
    if (sibling === last) return;
    const siblingOrigin = this.given.get([...keys, sibling].join('.'));
    if (siblingOrigin?.kind !== origin.kind) delete section[sibling];
  }

  /** Where the value at a path, or the section around it, was given. */
  originOf(path: string): Origin {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const origin = this.given.get(at);
      if (origin !== undefined) return origin;
      const line = this.fileLines.get(at);
      if (line !== undefined) return { kind: 'file', line };
    }
    return { kind: 'default' };
  }

  /** Whether a value, right or wrong, stands at this very path. */
  has(path: string): boolean {
    let value: unknown = this.values;
    for (const key of path.split('.')) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
      value = (value as Section)[key];
    }
    return true;
  }
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept: Section = Object.create(null);
  for (const [key, child] of Object.entries(value)) {
    if (child !== null) kept[key] = withoutNulls(child);
  }
  return kept;
}
