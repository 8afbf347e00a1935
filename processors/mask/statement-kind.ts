import { MaskedTokens } from './masked-tokens.ts';

/** Tokens looked at; a kind that needs more (a WITH of many tables) is `other`. */
const LONGEST_LOOK = 2000;

/** First words that say it all, and what they are called. */
const PLAIN: ReadonlyMap<string, string> = new Map(
  `select insert update delete replace call begin commit rollback truncate show use prepare execute deallocate explain grant
  revoke flush kill do handler xa savepoint analyze check checksum optimize repair purge reset signal resignal help binlog cache
  import clone shutdown restart values`
    .split(/\s+/)
    .map((word) => [word, word]),
);
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['describe', 'explain'],
  ['desc', 'explain'],
  ['table', 'select'],
  ['values', 'select'],
  ['release', 'release_savepoint'],
  ['get', 'get_diagnostics'],
  ['drop_prepare', 'deallocate'],
]);
/** First words that need a second one. */
const WITH_OBJECT: ReadonlySet<string> = new Set([
  'create',
  'alter',
  'drop',
  'rename',
  'lock',
  'unlock',
  'load',
  'start',
  'stop',
  'change',
  'install',
  'uninstall',
  'set',
]);
/** Objects of CREATE, ALTER, DROP, RENAME, LOCK, LOAD …; words before them (OR REPLACE, TEMPORARY, DEFINER = …) are stepped over. */
const OBJECTS: ReadonlyMap<string, string> = new Map(
  `table user index view procedure function trigger event database role server tablespace sequence instance prepare data xml
  slave replica plugin component package`
    .split(/\s+/)
    .map((word) => [word, word] as [string, string])
    .concat([
      ['schema', 'database'],
      ['tables', 'tables'],
      ['key', 'index'],
      ['logfile', 'logfile_group'],
      ['master', 'master'],
      ['replication', 'replication'],
      ['transaction', 'transaction'],
      ['spatial', 'index'],
      ['resource', 'resource_group'],
    ]),
);
const MAIN_VERBS: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'replace', 'table', 'values']);

/**
 * What a statement does, from its leading words: the verb, for DDL with its object (`create_table`), for WITH the verb of its
 * main clause, `begin` for START TRANSACTION, `other` when the words are none of SQL's. Of several statements, the first's.
 */
export function statementKind(masked: string): string {
  const tokens = new MaskedTokens(masked);
  const verb = nextWord(tokens);
  if (verb === 'with') return mainVerb(tokens);
  if (verb === 'set') return nextWord(tokens) === 'password' ? 'set_password' : 'set';
  if (WITH_OBJECT.has(verb)) return withObject(tokens, verb);
  return RENAMED.get(verb) ?? PLAIN.get(verb) ?? 'other';
}

/** The next word in lower case, over parentheses and marks of versioned comments; empty where something else stands. */
function nextWord(tokens: MaskedTokens): string {
  for (let n = 0; n < LONGEST_LOOK; n++) {
    const kind = tokens.next();
    if (kind === 'word') return tokens.value.toLowerCase();
    if (kind !== 'open' && kind !== 'close' && !(kind === 'punct' && tokens.value === '(')) return '';
  }
  return '';
}

function mainVerb(tokens: MaskedTokens): string {
  let depth = 0;
  for (let n = 0; n < LONGEST_LOOK && tokens.next() !== 'end'; n++) {
    if (tokens.kind === 'punct') depth += tokens.value === '(' ? 1 : tokens.value === ')' ? -1 : 0;
    if (depth > 0 || tokens.kind !== 'word') continue;
    const word = tokens.value.toLowerCase();
    if (MAIN_VERBS.has(word)) return RENAMED.get(word) ?? word;
  }
  return 'other';
}

function withObject(tokens: MaskedTokens, verb: string): string {
  for (let n = 0; n < 40 && tokens.next() !== 'end'; n++) {
    if (tokens.kind === 'punct' && (tokens.value === '(' || tokens.value === ';')) break;
    if (tokens.kind !== 'word') continue;
    const object = OBJECTS.get(tokens.value.toLowerCase());
    if (object === undefined) continue;
    if (object === 'transaction') return verb === 'start' ? 'begin' : 'other';
    const isPlural = verb === 'lock' || verb === 'unlock';
    const kind = `${verb}_${isPlural && object === 'table' ? 'tables' : object}`;
    return RENAMED.get(kind) ?? kind;
  }
  return 'other';
}
