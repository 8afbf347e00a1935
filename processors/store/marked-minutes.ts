// Hot path
/** Beyond so many minutes all are forgotten, which costs a mark written twice. */
const MOST_MINUTES = 100_000;

/** Minutes of servers that are marked already. */
export class MarkedMinutes {
  readonly #marked = new Map<string, Set<number>>();
  #count = 0;
  #lastServer = '';
  #lastMinute = -1;

  /** @returns Whether the minute is new here. */
  add(serverId: string, minute: number): boolean {
    if (minute === this.#lastMinute && serverId === this.#lastServer) return false;
    this.#lastMinute = minute;
    this.#lastServer = serverId;
    let minutes = this.#marked.get(serverId);
    if (minutes?.has(minute) === true) return false;
    if (this.#count >= MOST_MINUTES) {
      this.#marked.clear();
      this.#count = 0;
      minutes = undefined;
    }
    if (minutes === undefined) {
      minutes = new Set();
      this.#marked.set(serverId, minutes);
    }
    minutes.add(minute);
    this.#count++;
    return true;
  }

  clear(): void {
    this.#marked.clear();
    this.#count = 0;
    this.#lastMinute = -1;
  }
}
