import { AUDIT_PLUGINS } from './audit-plugins.ts';
import { isCredential } from './credential-names.ts';
import { type FoundFeatures, featureOf } from './found-features.ts';
import { literalText } from './literal-text.ts';
import { nameAt } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NAME, C_NUMBER, C_STRING, C_SYSTEM, COMMA, DOT, OPEN, punct } from './token-codes.ts';
import { closeOf, find, hasNoNames, insideOf, isCall, isComparison, isHex, isOf } from './token-reading.ts';
import { id, ids } from './words.ts';

const READS_CATALOGUE = featureOf('reads_catalogue');
const CATALOGUE_HEX = featureOf('catalogue_by_hex');
const CATALOGUE_ENUM = featureOf('catalogue_enum');
const SENSITIVE_HUNT = featureOf('sensitive_name_hunt');
const GRANT_TABLE_READ = featureOf('grant_table_read');
const GRANT_TABLE_WRITE = featureOf('grant_table_write');
const HASH_READ = featureOf('password_hash_read');
const FINGERPRINT = featureOf('server_fingerprint');
const SYSTEM_JOIN = featureOf('catalogue_cross_join');
const SELECTS_CREDENTIALS = featureOf('selects_credentials');
const AUDIT_OFF = featureOf('audit_plugin_removed');
const HAS_WHERE = featureOf('has_where');
const CONCAT_CREDENTIALS = featureOf('concat_credentials');
const CONCAT_MARKERS = featureOf('aggregate_with_markers');

const INFORMATION_SCHEMA = id('information_schema');
const MYSQL = id('mysql');
const FROM = id('from');
const WHERE = id('where');
const SELECT = id('select');
const INTO = id('into');
const UPDATE = id('update');
const TABLE = id('table');
const ALTER = id('alter');
const CREATE = id('create');
const DROP = id('drop');
const DELETE = id('delete');
const JOIN = id('join');
const ON = id('on');
const USING = id('using');
const GROUP = id('group');
const COUNT = id('count');
const NOT = id('not');
const IN = id('in');
const LIKE = id('like');
const BY = id('by');
const DATABASE = ids('database schema');
const WRITE_VERBS = ids('insert update replace delete');
const STAR = punct('*');
const EQUALS = punct('=');
const AGGREGATES = ids('group_concat json_arrayagg json_objectagg concat_ws');

const LISTED = words(
  'tables columns schemata routines views statistics key_column_usage processlist user_privileges schema_privileges table_privileges',
);
const GRANT_TABLES = words(
  'user db global_priv tables_priv columns_priv procs_priv proxies_priv role_edges roles_mapping default_roles password_history',
);
const CODE_TABLES = words('func plugin servers component proc event');
const FINGERPRINTS = words(
  `secure_file_priv datadir plugin_dir basedir hostname version_compile_os version_compile_machine tmpdir slave_load_tmpdir
  general_log_file slow_query_log_file log_error pid_file socket log_bin_basename`,
);
const HASHES = words('authentication_string password plugin_auth_string');
const SENSITIVE =
  /pass|pwd|passwd|card|ssn|token|secret|iban|credit|cvv|api_?key|priv(?:ate)?_?key|salary|social|auth/i;

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** What is read of the catalogues, the grant tables and the server's own settings, and of columns that hold credentials. */
export function findCatalogue(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  let catalogueReads = 0;
  let joined = 0;
  let tied = 0;
  let asksSettings = 0;
  let reads = false;
  for (let at = 0; at < length; at++) {
    const now = code[at]!;
    if (now === INFORMATION_SCHEMA && code[at + 1] === DOT) {
      found.add(READS_CATALOGUE);
      reads = true;
      if (LISTED.has(nameAt(tokens, at + 2)) && isTablePlace(tokens, at)) {
        catalogueReads++;
        if (code[at - 1] === COMMA || code[at - 1] === JOIN) joined++;
      }
    } else if (isSchemaMysql(tokens, at)) mysqlTable(tokens, found, at);
    else if (now === C_SYSTEM) {
      let name = nameAt(tokens, at + 1);
      if (code[at + 2] === DOT) name = nameAt(tokens, at + 3);
      if (FINGERPRINTS.has(name)) asksSettings++;
    }
    if (now === WHERE) found.add(HAS_WHERE);
    if (now === ON || now === USING || (now === EQUALS && code[at - 1] === C_NAME && code[at + 1] === C_NAME)) tied++;
    if (AGGREGATES.has(now) && isCall(tokens, at)) aggregate(tokens, found, at);
  }
  if (asksSettings > 0) found.add(FINGERPRINT);
  // Tools tie the tables they join; each product is of thousands of rows.
  if (joined - tied > 1 && code[0] !== CREATE) found.add(SYSTEM_JOIN);
  // What views and routines of the catalogue are made of is no reading of it.
  const isDefinition = tokens.isFirst && (code[0] === CREATE || code[0] === id('begin'));
  if (reads && !isDefinition) enumeration(tokens, found, catalogueReads);
  if (code[0] === id('show')) showVariables(tokens, found);
  if (code[0] === SELECT) selectList(tokens, found);
}

function isTablePlace(tokens: TokenBuffer, at: number): boolean {
  const before = tokens.code[at - 1];
  return before === FROM || before === JOIN || before === COMMA || before === OPEN;
}

function isSchemaMysql(tokens: TokenBuffer, at: number): boolean {
  if (tokens.code[at + 1] !== DOT) return false;
  return tokens.code[at] === MYSQL || (tokens.code[at] === C_NAME && nameAt(tokens, at) === 'mysql');
}

function mysqlTable(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const { code } = tokens;
  const table = nameAt(tokens, at + 2);
  const isGrant = GRANT_TABLES.has(table);
  if (!isGrant && !CODE_TABLES.has(table)) return;
  const before = code[at - 1];
  const verb = code[0]!;
  if (!isGrant && verb === DELETE) {
    // What no longer runs gives nobody anything, unless it watched.
    if (namesAudit(tokens, at)) found.add(AUDIT_OFF);
    return;
  }
  const isTarget =
    before === INTO || before === UPDATE || WRITE_VERBS.has(before ?? 0) || (before === FROM && verb === DELETE);
  if (isTarget && WRITE_VERBS.has(verb)) found.add(GRANT_TABLE_WRITE);
  else if (isGrant && (before === FROM || before === JOIN || before === COMMA || before === TABLE)) {
    if (verb === ALTER || verb === CREATE || verb === DROP || code[at + 3] === DOT) return;
    // Tools ask so whether they may: SELECT 1 FROM mysql.user.
    if (before === FROM && asksNothing(tokens, at - 1)) return;
    found.add(GRANT_TABLE_READ);
    if (asksForHash(tokens, at)) found.add(HASH_READ);
  }
}

/** Whether a literal behind `from` names a plugin that audits or checks passwords. */
function namesAudit(tokens: TokenBuffer, from: number): boolean {
  const most = Math.min(tokens.length, from + 100);
  for (let at = from; at < most; at++)
    if (tokens.code[at] === C_STRING && AUDIT_PLUGINS.test(literalText(tokens, at, 64))) return true;
  return false;
}

/** Whether the select list before FROM at `from` names no column. */
function asksNothing(tokens: TokenBuffer, from: number): boolean {
  let select = from;
  while (select > 0 && from - select < 20 && tokens.code[select] !== SELECT) select--;
  const first = tokens.code[select + 1];
  return tokens.code[select] === SELECT && first !== STAR && hasNoNames(tokens, select, from);
}

/** Whether the list that is selected before `from` names the hash, or everything. */
function asksForHash(tokens: TokenBuffer, from: number): boolean {
  const { code } = tokens;
  const least = Math.max(0, from - 200);
  for (let at = from; at >= least; at--) {
    if (
      code[at] === STAR &&
      code[at - 1] !== OPEN &&
      (code[at - 1] === SELECT || code[at - 1] === COMMA || code[at - 1] === DOT)
    )
      return true;
    if (HASHES.has(nameAt(tokens, at)) && code[at + 1] !== OPEN) return true;
    if (code[at] === TABLE && at === from - 1) return true;
  }
  return false;
}

/** A catalogue read as a whole, or by a name in hexadecimal, is no program looking for a table of its own. */
function enumeration(tokens: TokenBuffer, found: FoundFeatures, listed: number): void {
  const { code, length } = tokens;
  let isOwn = false;
  let excludes = false;
  let byHex = false;
  for (let at = 0; at < length; at++) {
    const name = code[at] === C_NAME ? nameAt(tokens, at) : '';
    const isSchema =
      name === 'table_schema' ||
      name === 'schema_name' ||
      name === 'constraint_schema' ||
      name === 'routine_schema' ||
      name.endsWith('_schema');
    const isNamed = isSchema || name === 'table_name' || name === 'column_name';
    if (!isNamed) continue;
    let next = at + 1;
    const isNegated = code[next] === NOT || code[next] === punct('!') || code[next] === punct('<');
    while (next < length && (isComparison(code[next]) || code[next] === NOT || code[next] === OPEN)) next++;
    if (next === at + 1) continue;
    if (isHex(tokens, next)) byHex = true;
    if (isSchema && isNegated) excludes = true;
    else if (
      isSchema &&
      (DATABASE.has(code[next]!) ||
        code[next] === C_STRING ||
        code[next] === C_NUMBER ||
        code[next] === C_NAME ||
        isOf(tokens, next, -1))
    )
      isOwn = true;
    else if (isSchema && code[next] !== undefined) isOwn = true;
    if (name !== '' && !isSchema && isSensitive(tokens, next, at)) found.add(SENSITIVE_HUNT);
  }
  if (listed > 0 && (byHex || excludes || !isOwn)) found.add(CATALOGUE_ENUM);
  if (byHex) found.add(CATALOGUE_HEX);
}

function isSensitive(tokens: TokenBuffer, at: number, column: number): boolean {
  const isPattern =
    tokens.code[column + 1] === LIKE ||
    tokens.code[column + 1] === id('regexp') ||
    tokens.code[column + 1] === id('rlike') ||
    tokens.code[column + 1] === IN ||
    tokens.code[column + 1] === EQUALS;
  if (!isPattern) return false;
  if (tokens.code[at] !== C_STRING && !isHex(tokens, at)) return false;
  const text = literalText(tokens, at);
  // The name of one table or column in full is an application asking for its own.
  return SENSITIVE.test(text) && (text.includes('%') || tokens.code[column + 1] !== EQUALS);
}

function showVariables(tokens: TokenBuffer, found: FoundFeatures): void {
  for (let at = 1; at < Math.min(tokens.length, 12); at++) {
    if (tokens.code[at] !== C_STRING) continue;
    const text = literalText(tokens, at).toLowerCase();
    if (FINGERPRINTS.has(text)) found.add(FINGERPRINT);
  }
}

/** Credentials among what is selected for showing, not for comparing. */
function selectList(tokens: TokenBuffer, found: FoundFeatures): void {
  const { code, length } = tokens;
  for (let at = 1; at < Math.min(length, 500); at++) {
    if (code[at] === FROM) return;
    if (code[at] === OPEN && code[at - 1] === COUNT) at = closeOf(tokens, at);
    else if (isCredential(tokens, at)) {
      found.add(SELECTS_CREDENTIALS);
      return;
    }
  }
}

function aggregate(tokens: TokenBuffer, found: FoundFeatures, at: number): void {
  const close = closeOf(tokens, at + 1);
  const end = Math.min(close, at + 120);
  let hexes = 0;
  let columns = 0;
  let credentials = 0;
  for (let i = at + 2; i < end; i++) {
    if (isHex(tokens, i) && !isControl(tokens, i)) hexes++;
    else if (isCredential(tokens, i)) credentials++;
    if (tokens.code[i] === C_NAME) columns++;
  }
  const inside = insideOf(tokens, at + 2, end);
  const isGrouped = groupsBehind(tokens, close);
  const isAll = tokens.code[at] !== id('concat_ws');
  if (credentials > 0 && (isAll ? !isGrouped : columns > 0) && columns > 0) found.add(CONCAT_CREDENTIALS);
  if (hexes > 0 && !isGrouped && (columns > 0 || inside.asksServer || inside.hasSelect)) found.add(CONCAT_MARKERS);
}

/** `0x1f`: programs part by control characters, who reads a page by signs. */
function isControl({ bytes, start, end }: TokenBuffer, at: number): boolean {
  return end[at]! - start[at]! === 4 && bytes[start[at]! + 2]! < 0x32;
}

function groupsBehind(tokens: TokenBuffer, from: number): boolean {
  const at = find(tokens, GROUP, from, Math.min(tokens.length, from + 400));
  return at >= 0 && tokens.code[at + 1] === BY;
}
