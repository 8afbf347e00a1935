import { T_IDENTIFIER, T_PUNCT, T_WORD } from './token-kinds.ts';

/** A column as a statement names it, in lower case. */
export interface NamedColumn {
  /** Null where the statement gives none. */
  readonly table: string | null;
  readonly column: string;
}

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<=>', '<>', '!=']);
/** What may stand before the name of a compared column: the beginning of an expression. */
const BEGINS: ReadonlySet<string> = new Set('( , where and or not on set having when if xor'.split(' '));
const OPEN = '(';

/**
 * Tells which column a literal belongs to where the syntax leaves no doubt: `col = 'x'`, `col IN ('x', …)`, and the rows of
 * `INSERT INTO t (col, …) VALUES`. One token at a time; everything it does not know makes it forget.
 */
export class ColumnWatch {
  /** Last names joined by points, and what stood before them. */
  private names: string[] = [];
  private before = OPEN;
  private last = OPEN;
  private comparison = '';
  private depth = 0;
  /** Depth of the list after IN; 0 elsewhere. */
  private listAt = 0;
  private listColumn: NamedColumn | null = null;
  private isIn = false;
  private target: string | null = null;
  private columns: string[] = [];
  /** Of INSERT: 0 before the table, 1 its name, 2 in the column list, 3 after it, 4 in the rows; -1 elsewhere. */
  private step = -1;
  private place = 0;
  private isFirst = true;

  /** @param text The token as written, a masked one as `?`. */
  sees(kind: number, text: string): void {
    if (kind === T_WORD) this.word(text);
    else if (kind === T_IDENTIFIER) this.name(text.slice(1, -1).toLowerCase(), text);
    else if (kind === T_PUNCT) this.punct(text);
    else this.forget('?');
    this.isFirst = false;
  }

  /** The column of a literal that comes next; null where none is certain. */
  get column(): NamedColumn | null {
    const isAlone = this.last === OPEN || this.last === ',';
    if (this.step === 4 && this.depth === 1) {
      const column = this.columns[this.place];
      return isAlone && column !== undefined ? { table: this.target, column } : null;
    }
    if (this.listAt > 0 && this.depth === this.listAt) return isAlone ? this.listColumn : null;
    return COMPARISONS.has(this.comparison) && BEGINS.has(this.before) ? columnOf(this.names) : null;
  }

  private word(text: string): void {
    const word = text.toLowerCase();
    if (this.depth === this.listAt) this.listAt = 0;
    if (this.isFirst && (word === 'insert' || word === 'replace')) this.step = 0;
    else if (this.step === 0 && word === 'into') this.step = 1;
    else if (this.step === 3 && (word === 'values' || word === 'value')) this.step = 4;
    else if ((this.step === 3 || this.step === 4) && this.depth === 0) this.step = -1;
    else if (word === 'in' || (word === 'not' && this.names.length > 0 && this.last !== '.')) {
      this.isIn = word === 'in';
      this.comparison = '';
      this.last = word;
      return;
    } else {
      this.name(word, word);
      return;
    }
    this.forget(word);
  }

  private name(name: string, last: string): void {
    if (this.last === '.') this.names.push(name);
    else {
      this.before = this.last;
      this.names = [name];
    }
    this.comparison = '';
    this.isIn = false;
    this.last = last.toLowerCase();
  }

  private punct(text: string): void {
    if (text === '.') {
      this.last = text;
      return;
    }
    if (text === '=' || text === '<' || text === '>' || text === '!') {
      this.comparison += text;
      this.isIn = false;
      this.last = text;
      return;
    }
    if (text === OPEN) this.open();
    else if (text === ')') {
      if (this.depth === this.listAt) this.listAt = 0;
      if (this.step === 2) {
        this.columns.push(this.names.at(-1) ?? '');
        this.step = 3;
      }
      this.depth--;
    } else if (text === ',') {
      if (this.step === 2) this.columns.push(this.names.at(-1) ?? '');
      if (this.step === 4 && this.depth === 1) this.place++;
    } else if (text === ';') this.step = -1;
    this.forget(text);
  }

  private open(): void {
    this.depth++;
    if (this.isIn && BEGINS.has(this.before)) {
      this.listAt = this.depth;
      this.listColumn = columnOf(this.names);
    }
    if (this.step === 1 && this.depth === 1) {
      this.target = this.names.at(-1) ?? null;
      this.columns = [];
      this.step = 2;
    } else if (this.step === 4 && this.depth === 1) this.place = 0;
  }

  private forget(last: string): void {
    this.names = [];
    this.comparison = '';
    this.isIn = false;
    this.last = last;
  }
}

function columnOf(names: readonly string[]): NamedColumn | null {
  const column = names.at(-1);
  return column === undefined ? null : { table: names.at(-2) ?? null, column };
}
