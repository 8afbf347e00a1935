/** One thing that must hold before a service is ready, and why it does not. */
export interface Unmet {
  readonly name: string;
  readonly why: string;
}

interface Condition {
  readonly isMet: () => boolean;
  readonly why: () => string;
}

/** What must hold for a service to be ready: names and questions that are asked when somebody wants to know. */
export class Conditions {
  private readonly known = new Map<string, Condition>();
  private readonly noted = new Map<string, Condition>();

  /** @param why A sentence for people: what it waits for. No values from the network. A name given again replaces the first. */
  add(name: string, isMet: () => boolean, why: () => string): void {
    this.known.set(name, { isMet, why });
  }

  /** The same of what is worth knowing and keeps nothing from being ready: a receiver of alerts that is down. */
  addNote(name: string, isMet: () => boolean, why: () => string): void {
    this.noted.set(name, { isMet, why });
  }

  unmet(): Unmet[] {
    return unmetOf(this.known);
  }

  notes(): Unmet[] {
    return unmetOf(this.noted);
  }
}

function unmetOf(conditions: ReadonlyMap<string, Condition>): Unmet[] {
  const unmet: Unmet[] = [];
  for (const [name, condition] of conditions) {
    if (!condition.isMet()) unmet.push({ name, why: condition.why() });
  }
  return unmet;
}
