import { MaskedTokens } from './masked-tokens.ts';

/** Names beyond this number are left out. */
export const MOST_TABLES = 256;
/** Only this much of a longer text is searched for names. */
const LONGEST_SEARCHED = 256 * 1024;

const LIST_STARTS: ReadonlySet<string> = new Set([
  'from',
  'join',
  'straight_join',
  'update',
  'into',
  'table',
  'tables',
]);
/** May stand between the clause word and the name. */
const FILLERS: ReadonlySet<string> = new Set(
  'low_priority ignore high_priority delayed quick only if not exists table lateral full local no_write_to_binlog'.split(
    ' ',
  ),
);
/** In the parentheses of these, FROM is no clause: EXTRACT(YEAR FROM d), TRIM(LEADING x FROM y). */
const FROM_FUNCTIONS: ReadonlySet<string> = new Set('extract trim substring substr mid overlay'.split(' '));
/** Words that end a list of tables, so that one of them is never taken for an alias or a name. */
const ENDS: ReadonlySet<string> = new Set(
  `where on using set values value select group order having limit union for when and or inner left right cross natural join
  straight_join outer full window partition procedure into from lock returning except intersect with fields columns lines character
  ignore as use force to read write add drop modify change rename engine like tablespace restrict cascade outfile dumpfile`.split(
    /\s+/,
  ),
);
/** In these a parenthesis after a table holds its columns. */
const COLUMN_LIST_VERBS: ReadonlySet<string> = new Set(['insert', 'replace', 'create', 'load']);
/** SHOW … FROM names a schema or a table; of these it is a schema. */
const SCHEMA_SHOWS: ReadonlySet<string> = new Set([
  'tables',
  'triggers',
  'events',
  'table',
  'open',
  'databases',
  'schemas',
  'procedure',
  'function',
]);

/**
 * Finds table names by the words before them (FROM, JOIN, INTO, UPDATE, TABLE, ON in CREATE INDEX and GRANT …), for the
 * many statements that no grammar takes. In order of appearance, without repeats, names bound by WITH left out; at most
 * `MOST_TABLES`. One pass, no look back.
 */
export function tablesOf(masked: string): FoundTables {
  const search = new TableSearch(masked.length > LONGEST_SEARCHED ? masked.slice(0, LONGEST_SEARCHED) : masked);
  return search.run();
}

/** What a search found. */
export interface FoundTables {
  /** `db.table` or `table`, without quotes. */
  readonly names: readonly string[];
  /** Names bound by WITH, in lower case: no tables, whoever lists them. */
  readonly bound: ReadonlySet<string>;
}

/** In a function FROM is no clause; what opened in a list of tables goes on with the list when it closes. */
type Parenthesis = 'plain' | 'function' | 'list';

class TableSearch {
  private readonly tokens: MaskedTokens;
  private readonly names = new Set<string>();
  private readonly bound = new Set<string>();
  /** One entry for each open parenthesis. */
  private readonly clauses: Parenthesis[] = [];
  private verb = '';
  private second = '';
  private previous = '';
  private isFirstWord = true;

  constructor(text: string) {
    this.tokens = new MaskedTokens(text);
  }

  run(): FoundTables {
    const tokens = this.tokens;
    this.next();
    while (tokens.kind !== 'end' && this.names.size < MOST_TABLES) this.step();
    const names = [...this.names].filter((name) => !this.bound.has(name.toLowerCase()));
    return { names, bound: this.bound };
  }

  /** The next token that is part of the statement: marks of versioned comments and hints are stepped over. */
  private next(): void {
    const tokens = this.tokens;
    let isHint = false;
    do {
      tokens.next();
      if (tokens.kind === 'open') isHint = tokens.value.startsWith('/*+');
      else if (tokens.kind === 'close') isHint = false;
    } while (tokens.kind !== 'end' && (isHint || tokens.kind === 'open' || tokens.kind === 'close'));
  }

  private step(): void {
    const tokens = this.tokens;
    const value = tokens.value;
    if (tokens.kind === 'punct') {
      if (value === '(') this.clauses.push(FROM_FUNCTIONS.has(this.previous) ? 'function' : 'plain');
      else if (value === ')' && this.clauses.pop() === 'list') {
        this.next();
        this.afterTable();
        return;
      } else if (value === ';') this.isFirstWord = true;
    }
    if (tokens.kind !== 'word') {
      this.previous = tokens.kind === 'punct' ? value : '';
      if (tokens.kind === 'quoted' && this.verb === 'with') this.bind(nameOf(value));
      else this.next();
      return;
    }
    const word = value.toLowerCase();
    const before = this.previous;
    this.previous = word;
    if (this.isFirstWord) {
      this.isFirstWord = false;
      this.verb = word;
      this.second = '';
      this.next();
      if (word === 'describe' || word === 'desc' || word === 'truncate' || word === 'handler') this.list();
      else if (word === 'update' || word === 'replace' || word === 'table') this.list();
      else if (word === 'insert') this.insertTarget();
      return;
    }
    if (this.second === '') this.second = word;
    if (this.verb === 'with' && !LIST_STARTS.has(word) && !ENDS.has(word) && word !== 'recursive') {
      this.bind(value);
      return;
    }
    this.next();
    if (this.opensList(word, before)) this.list();
    this.rebindVerb(word);
  }

  /** After the tables of WITH comes the verb that the rest belongs to. */
  private rebindVerb(word: string): void {
    if (
      this.verb === 'with' &&
      this.clauses.length === 0 &&
      (word === 'update' || word === 'select' || word === 'delete')
    )
      this.verb = word;
  }

  private opensList(word: string, before: string): boolean {
    if (word === 'from') return this.isFromClause(before);
    if (word === 'update')
      return (
        before !== 'for' &&
        before !== 'key' &&
        before !== 'on' &&
        before !== ',' &&
        this.verb !== 'grant' &&
        this.verb !== 'create'
      );
    if (word === 'into') return true;
    if (word === 'on') return this.isOnName();
    if (word === 'references') return true;
    if (word === 'like') return this.verb === 'create' && this.second === 'table';
    if (word === 'to') return this.verb === 'rename';
    if (word === 'table' || word === 'tables') return this.verb !== 'show' ? before !== 'by' : word === 'table';
    return word === 'join' || word === 'straight_join';
  }

  private isFromClause(before: string): boolean {
    if (this.clauses.at(-1) === 'function') return false;
    if (before === 'distinct' || this.verb === 'prepare' || this.verb === 'revoke' || this.verb === 'execute')
      return false;
    return this.verb !== 'show' || !SCHEMA_SHOWS.has(this.second);
  }

  /** CREATE INDEX i ON t, CREATE TRIGGER … ON t, GRANT … ON t. */
  private isOnName(): boolean {
    if (this.clauses.length > 0) return false;
    return (
      this.verb === 'grant' ||
      this.verb === 'revoke' ||
      ((this.verb === 'create' || this.verb === 'drop') && this.second !== 'table' && this.second !== 'view')
    );
  }

  private insertTarget(): void {
    const tokens = this.tokens;
    while (tokens.kind === 'word' && (FILLERS.has(tokens.value.toLowerCase()) || tokens.value.toLowerCase() === 'into'))
      this.next();
    this.name();
  }

  /** Names separated by commas, each with an alias perhaps; stops at whatever is not one. */
  private list(): void {
    const tokens = this.tokens;
    for (;;) {
      while (tokens.kind === 'word' && FILLERS.has(tokens.value.toLowerCase())) this.next();
      while (tokens.kind === 'punct' && tokens.value === '(') {
        this.clauses.push('list');
        this.previous = '(';
        this.next();
      }
      if (!this.name() || !this.aliasAndComma()) return;
    }
  }

  /** After the parenthesis of a derived table or a join: the list may go on. */
  private afterTable(): void {
    this.previous = ')';
    if (this.aliasAndComma()) this.list();
  }

  /** Steps over an alias. @returns True when a comma followed, which is stepped over too. */
  private aliasAndComma(): boolean {
    const tokens = this.tokens;
    if (tokens.kind === 'word' && tokens.value.toLowerCase() === 'as') this.next();
    if (isName(tokens) && !ENDS.has(tokens.value.toLowerCase())) this.next();
    // LOCK TABLES a READ, b WRITE
    while (this.verb === 'lock' && tokens.kind === 'word') this.next();
    if (!(tokens.kind === 'punct' && tokens.value === ',')) return false;
    this.next();
    return true;
  }

  private name(): boolean {
    const tokens = this.tokens;
    if (!isName(tokens) || (tokens.kind === 'word' && ENDS.has(tokens.value.toLowerCase()))) return false;
    let name = nameOf(tokens.value);
    this.previous = 'name';
    this.next();
    if (tokens.value === '.') {
      this.next();
      // GRANT … ON db.* names no table.
      if (!isName(tokens)) return tokens.kind === 'punct';
      name = `${name}.${nameOf(tokens.value)}`;
      this.next();
    }
    // JSON_TABLE(…) AS x: a function; the list goes on after its parenthesis.
    if (tokens.kind === 'punct' && tokens.value === '(' && !COLUMN_LIST_VERBS.has(this.verb)) {
      this.clauses.push('list');
      this.next();
      return false;
    }
    if (name.toLowerCase() !== 'dual') this.names.add(name);
    return true;
  }

  /** `name AS (` or `name (columns) AS (` after WITH or a comma. */
  private bind(name: string): void {
    const tokens = this.tokens;
    const isStart = this.clauses.length === 0;
    this.previous = 'name';
    this.next();
    if (
      isStart &&
      ((tokens.kind === 'word' && tokens.value.toLowerCase() === 'as') ||
        (tokens.kind === 'punct' && tokens.value === '('))
    ) {
      this.bound.add(nameOf(name).toLowerCase());
    }
  }
}

function isName(tokens: MaskedTokens): boolean {
  return tokens.kind === 'quoted' || tokens.kind === 'word';
}

/** The name without its quotes. */
function nameOf(value: string): string {
  const quote = value.charAt(0);
  if (quote !== '`' && quote !== '"') return value;
  const end = value.length > 1 && value.endsWith(quote) ? value.length - 1 : value.length;
  return value.slice(1, end).replaceAll(quote + quote, quote);
}
