import { cutText, textWidth, visibleText } from '../output/visible-text.ts';
import { isNumberType } from './is-number-type.ts';

const GAP = '  ';
/** A column is not cut below this, whatever the terminal. */
const MIN_COLUMNS = 8;

/** Widths and alignment of a table for people, fixed by its first rows so that the rest can be printed as it comes. */
export class TableLayout {
  readonly #widths: number[];
  readonly #isNumber: readonly boolean[];
  readonly #names: readonly string[];

  /**
   * @param types ClickHouse types: numbers are aligned right.
   * @param sample The first rows.
   * @param columns Of the terminal; Infinity for no cutting.
   */
  constructor(
    names: readonly string[],
    types: readonly string[],
    sample: readonly (readonly string[])[],
    columns: number,
  ) {
    this.#names = names.map(visibleText);
    this.#isNumber = types.map(isNumberType);
    this.#widths = this.#names.map((name, i) =>
      sample.reduce((width, row) => Math.max(width, textWidth(visibleText(row[i] ?? ''))), textWidth(name)),
    );
    this.#shrink(columns);
  }

  /** Takes from the widest column until all fit, or all are as narrow as allowed. */
  #shrink(columns: number): void {
    const widths = this.#widths;
    let excess = widths.reduce((sum, width) => sum + width, GAP.length * Math.max(0, widths.length - 1)) - columns;
    while (excess > 0) {
      const [widest = 0, second = 0] = [...widths].sort((a, b) => b - a);
      if (widest <= MIN_COLUMNS) return;
      const take = Math.min(excess, widest - Math.max(MIN_COLUMNS, Math.min(second, widest - 1)));
      widths[widths.indexOf(widest)] = widest - take;
      excess -= take;
    }
  }

  header(): string {
    return this.#line(this.#names) + this.#line(this.#widths.map((width) => '-'.repeat(width)));
  }

  row(values: readonly string[]): string {
    return this.#line(values.map(visibleText));
  }

  #line(cells: readonly string[]): string {
    const line = cells.map((cell, i) => {
      const width = this.#widths[i] ?? 0;
      const text = cutText(cell, width);
      const padding = ' '.repeat(Math.max(0, width - textWidth(text)));
      return this.#isNumber[i] ? padding + text : text + padding;
    });
    return `${line.join(GAP).trimEnd()}\n`;
  }
}
