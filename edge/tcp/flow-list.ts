// Hot path
import type { Flow } from './flow.ts';
import { FLOW_FIELD, type FlowRows, NO_ROW } from './flow-rows.ts';

const { previousInList, nextInList } = FLOW_FIELD;

/** Flows from the longest to the shortest untouched; a flow is in at most one list. */
export class FlowList {
  count = 0;
  readonly #rows: FlowRows;
  #oldest = NO_ROW;
  #newest = NO_ROW;

  constructor(rows: FlowRows) {
    this.#rows = rows;
  }

  get oldest(): Flow | null {
    return this.#oldest === NO_ROW ? null : this.#rows.flow(this.#oldest);
  }

  append({ row }: Flow): void {
    const { numbers } = this.#rows;
    numbers[row + previousInList] = this.#newest;
    numbers[row + nextInList] = NO_ROW;
    if (this.#newest === NO_ROW) this.#oldest = row;
    else numbers[this.#newest + nextInList] = row;
    this.#newest = row;
    this.count += 1;
  }

  remove({ row }: Flow): void {
    const { numbers } = this.#rows;
    const previous = numbers[row + previousInList]!;
    const next = numbers[row + nextInList]!;
    if (previous === NO_ROW) this.#oldest = next;
    else numbers[previous + nextInList] = next;
    if (next === NO_ROW) this.#newest = previous;
    else numbers[next + previousInList] = previous;
    this.count -= 1;
  }

  /** None may be added or removed meanwhile. */
  *[Symbol.iterator](): Iterator<Flow> {
    for (let row = this.#oldest; row !== NO_ROW; row = this.#rows.numbers[row + nextInList]!)
      yield this.#rows.flow(row);
  }
}
