import type { Flow } from './flow.ts';

/** Flows from the longest to the shortest untouched; a flow is in at most one list. */
export class FlowList {
  count = 0;
  oldest: Flow | null = null;
  #newest: Flow | null = null;

  append(flow: Flow): void {
    flow.previousInList = this.#newest;
    flow.nextInList = null;
    if (this.#newest === null) this.oldest = flow;
    else this.#newest.nextInList = flow;
    this.#newest = flow;
    this.count += 1;
  }

  remove(flow: Flow): void {
    const { previousInList, nextInList } = flow;
    if (previousInList === null) this.oldest = nextInList;
    else previousInList.nextInList = nextInList;
    if (nextInList === null) this.#newest = previousInList;
    else nextInList.previousInList = previousInList;
    flow.previousInList = null;
    flow.nextInList = null;
    this.count -= 1;
  }
}
