import { account, admin, credential, grant, isFromAnywhere, revoke } from './accounts.ts';
import { AUDIT_PLUGINS } from './audit-plugins.ts';
import { type FoundFeatures, featureOf } from './found-features.ts';
import { namedAt } from './literal-text.ts';
import { eachStatement, nameAt } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { COMMA, DOT, OPEN, punct } from './token-codes.ts';
import { find } from './token-reading.ts';
import { id, ids } from './words.ts';

const DROP_DATABASE = featureOf('drop_database');
const DROP_TABLE = featureOf('drop_table');
const DROP_SEVERAL = featureOf('drop_several');
const TRUNCATE_TABLE = featureOf('truncate_table');
const CREATE_ACCOUNT = featureOf('create_account');
const ANY_HOST = featureOf('account_from_anywhere');
const DROP_ACCOUNT = featureOf('drop_account');
const OTHER_DEFINER = featureOf('other_definer');
const CREATE_EVENT = featureOf('create_event');
const CREATE_TRIGGER = featureOf('create_trigger');
const LOAD_CODE = featureOf('load_server_code');
const REMOTE_TABLE = featureOf('remote_table');
const REPLICATION = featureOf('replication_change');
const CLONES = featureOf('clone_instance');
const LOCKS_ALL = featureOf('locks_everything');
const PURGE_LOGS = featureOf('purge_logs');
const SHUTS_DOWN = featureOf('shutdown');
const SHOW_GRANTS = featureOf('show_grants_of_other');
const AUDIT_OFF = featureOf('audit_plugin_removed');

const DROP = id('drop');
const TRUNCATE = id('truncate');
const GRANT = id('grant');
const REVOKE = id('revoke');
const CREATE = id('create');
const ALTER = id('alter');
const SET = id('set');
const SHOW = id('show');
const FLUSH = id('flush');
const RESET = id('reset');
const PURGE = id('purge');
const INSTALL = id('install');
const UNINSTALL = id('uninstall');
const CHANGE = id('change');
const SHUTDOWN = id('shutdown');
const CLONE = id('clone');
const LOCK = id('lock');
const DATABASES = ids('database schema');
const TABLE = id('table');
const IF = id('if');
const USER = id('user');
const FOR = id('for');
const EQUALS = punct('=');
const DEFINER = id('definer');
const EVENT = id('event');
const TRIGGER = id('trigger');
const FUNCTION = id('function');
const SONAME = id('soname');
const SERVER = id('server');
const MASTERS = ids('master replication');
const TABLES = id('tables');
const READ = id('read');
const LOGS = id('logs');
const GRANTS = id('grants');
const ENGINE = id('engine');
const OBJECTS = ids('procedure function trigger view event');
const REMOTE_ENGINES = /^(?:federated|federatedx|connect|spider)$/;
const LOG_TABLES = /^(?:general_log|slow_log|audit_log\w*|server_audit\w*|events_statements\w*|accounts|hosts)$/;

/** What administrators do, and who takes over a server. */
export function findAdministration(tokens: TokenBuffer, found: FoundFeatures): void {
  eachStatement(tokens, (from, to) => statement(tokens, found, from, to));
}

function statement(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  const second = code[from + 1];
  switch (code[from]) {
    case DROP:
      drop(tokens, found, from, to);
      break;
    case TRUNCATE:
      truncate(tokens, found, from, to);
      break;
    case GRANT:
      grant(tokens, found, from, to);
      credential(tokens, found, from, to);
      break;
    case REVOKE:
      revoke(tokens, found, from, to);
      break;
    case CREATE:
    case ALTER:
      create(tokens, found, from, to);
      break;
    case SET:
      credential(tokens, found, from, to);
      break;
    case SHOW:
      if (second === GRANTS && code[from + 2] === FOR && nameAt(tokens, from + 3) !== 'current_user')
        found.add(SHOW_GRANTS);
      break;
    case FLUSH:
      if (find(tokens, READ, from, to) > 0 && find(tokens, TABLES, from, to) > 0) found.add(LOCKS_ALL);
      break;
    case RESET:
      if (MASTERS.has(second ?? 0) || nameAt(tokens, from + 1) === 'binary') found.add(PURGE_LOGS);
      break;
    case PURGE:
      if (find(tokens, LOGS, from, to) > 0) found.add(PURGE_LOGS);
      break;
    case INSTALL:
      found.add(LOAD_CODE);
      break;
    case UNINSTALL:
      if (AUDIT_PLUGINS.test(namedAt(tokens, from + 2))) found.add(AUDIT_OFF);
      break;
    case CHANGE:
      if (MASTERS.has(second ?? 0)) found.add(REPLICATION);
      credential(tokens, found, from, to);
      break;
    case CLONE:
      if (nameAt(tokens, from + 1) === 'instance') found.add(CLONES);
      break;
    case SHUTDOWN:
      found.add(SHUTS_DOWN);
      break;
    case LOCK:
      if (second === TABLES && count(tokens, COMMA, from, to) >= 20) found.add(LOCKS_ALL);
      break;
    default:
      break;
  }
}

function drop(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  const what = code[from + 1];
  if (DATABASES.has(what ?? 0)) {
    if (code[from + 2] !== IF) found.add(DROP_DATABASE);
  } else if (what === TABLE) {
    if (code[from + 2] !== IF) {
      found.add(DROP_TABLE);
      if (count(tokens, COMMA, from, to) > 0) found.add(DROP_SEVERAL);
    }
  } else if (what === USER) {
    found.add(DROP_ACCOUNT);
    admin(tokens, found, from, to);
  }
}

function truncate(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const table = tokens.code[from + 1] === TABLE ? from + 2 : from + 1;
  const schema = nameAt(tokens, table);
  const isSystem = tokens.code[table + 1] === DOT && table + 2 < to;
  if (
    isSystem &&
    (schema === 'performance_schema' || (schema === 'mysql' && LOG_TABLES.test(nameAt(tokens, table + 2))))
  )
    found.add(PURGE_LOGS);
  else found.add(TRUNCATE_TABLE);
}

function create(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  const isCreate = code[from] === CREATE;
  const head = Math.min(to, from + 40);
  const user = find(tokens, USER, from + 1, Math.min(to, from + 5));
  const isAccount = user > 0 && (user === from + 1 || nameAt(tokens, user - 1) === 'replace');
  if (isAccount) {
    if (isCreate) {
      found.add(CREATE_ACCOUNT);
      if (isFromAnywhere(tokens, user + 1, to)) found.add(ANY_HOST);
    }
    account(tokens, found, from, to);
    return;
  }
  if (code[from + 1] === SERVER) found.add(REMOTE_TABLE);
  const engine = find(tokens, ENGINE, from, to);
  if (engine > 0) {
    const at = code[engine + 1] === EQUALS ? engine + 2 : engine + 1;
    if (REMOTE_ENGINES.test(namedAt(tokens, at))) found.add(REMOTE_TABLE);
  }
  for (let at = from + 1; at < head; at++) {
    if (code[at] === OPEN) break;
    if (code[at] === DEFINER && code[at + 1] === EQUALS && isCreate) definer(tokens, found, at + 2, head);
    if (!isCreate || !OBJECTS.has(code[at]!)) continue;
    if (code[at] === EVENT) found.add(CREATE_EVENT);
    if (code[at] === TRIGGER) found.add(CREATE_TRIGGER);
    if (code[at] === FUNCTION && find(tokens, SONAME, at, to) > 0) found.add(LOAD_CODE);
    break;
  }
}

/** DEFINER that is neither the one who creates nor the server's own account for such objects. */
function definer(tokens: TokenBuffer, found: FoundFeatures, at: number, to: number): void {
  const name = namedAt(tokens, at);
  if (at >= to || name.startsWith('current_user') || name === 'mariadb.sys' || name === 'mysql.sys') return;
  found.add(OTHER_DEFINER);
}

function count(tokens: TokenBuffer, code: number, from: number, to: number): number {
  let times = 0;
  for (let at = from; at < to; at++) if (tokens.code[at] === code) times++;
  return times;
}
