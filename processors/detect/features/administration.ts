import { type FoundFeatures, featureOf } from './found-features.ts';
import { literalText } from './literal-text.ts';
import { eachStatement, findOutside, nameAt } from './statement-parts.ts';
import { C_STRING, COMMA, DOT, OPEN, punct, type TokenBuffer } from './token-buffer.ts';
import { find } from './token-reading.ts';
import { id, ids } from './words.ts';

const DROP_DATABASE = featureOf('drop_database');
const DROP_TABLE = featureOf('drop_table');
const DROP_SEVERAL = featureOf('drop_several');
const TRUNCATE_TABLE = featureOf('truncate_table');
const GRANT_ADMIN = featureOf('grant_admin');
const CREATE_ACCOUNT = featureOf('create_account');
const ANY_HOST = featureOf('account_from_anywhere');
const DROP_ACCOUNT = featureOf('drop_account');
const LOCK_ACCOUNT = featureOf('lock_account');
const REVOKE_ALL = featureOf('revoke_all');
const ADMIN_ACCOUNT = featureOf('names_admin_account');
const CLEARTEXT = featureOf('cleartext_credential');
const WEAKEN_TLS = featureOf('weaken_account');
const OTHER_DEFINER = featureOf('other_definer');
const CREATE_EVENT = featureOf('create_event');
const CREATE_TRIGGER = featureOf('create_trigger');
const LOAD_CODE = featureOf('load_server_code');
const REMOTE_TABLE = featureOf('remote_table');
const REPLICATION = featureOf('replication_change');
const CLONE = featureOf('clone_instance');
const LOCKS_ALL = featureOf('locks_everything');
const PURGE_LOGS = featureOf('purge_logs');
const SHUTDOWN = featureOf('shutdown');
const SHOW_GRANTS = featureOf('show_grants_of_other');
const AUDIT_OFF = featureOf('audit_plugin_removed');

const [
  DROP,
  TRUNCATE,
  GRANT,
  REVOKE,
  CREATE,
  ALTER,
  SET,
  SHOW,
  FLUSH,
  RESET,
  PURGE,
  INSTALL,
  UNINSTALL,
  CHANGE,
  STOP_SERVER,
  CLONE_WORD,
  LOCK,
] = 'drop truncate grant revoke create alter set show flush reset purge install uninstall change shutdown clone lock'
  .split(' ')
  .map(id) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const DATABASES = ids('database schema');
const TABLE = id('table');
const IF = id('if');
const USER = id('user');
const ON = id('on');
const TO = id('to');
const ALL = id('all');
const OPTION = id('option');
const ADMIN = id('admin');
const FOR = id('for');
const ACCOUNT = id('account');
const REQUIRE = id('require');
const NONE = id('none');
const IDENTIFIED = id('identified');
const BY = id('by');
const PASSWORD = id('password');
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
const STAR = punct('*');
const WITH = id('with');
const OBJECTS = ids('procedure function trigger view event');
const POWERS = new Set(
  `all super file process reload shutdown create_user system_variables_admin system_user role_admin connection_admin binlog_admin
  set_user_id set_any_definer binlog_replay replication_slave_admin replication_applier audit_admin persist_ro_variables_admin
  encryption_key_admin clone_admin group_replication_admin backup_admin application_password_admin`.split(/\s+/),
);
const ADMINS =
  /^(?:root|dba|admin|administrator|sys|mysql\.sys|mariadb\.sys|superuser|dbadmin|rdsadmin|cloudsqladmin|azure_superuser)$/i;
const REMOTE_ENGINES = /^(?:federated|federatedx|connect|spider)$/;
const LOG_TABLES = /^(?:general_log|slow_log|audit_log\w*|server_audit\w*|events_statements\w*|accounts|hosts)$/;
const AUDIT_PLUGINS = /audit|general_log|query_log|mcafee|guardium|validate_password|simple_password_check|cracklib/i;

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
      if (AUDIT_PLUGINS.test(nameAt(tokens, from + 2) || literalText(tokens, from + 2))) found.add(AUDIT_OFF);
      if (code[from + 2] === C_STRING && AUDIT_PLUGINS.test(literalText(tokens, from + 2))) found.add(AUDIT_OFF);
      break;
    case CHANGE:
      if (MASTERS.has(second ?? 0)) found.add(REPLICATION);
      credential(tokens, found, from, to);
      break;
    case CLONE_WORD:
      if (nameAt(tokens, from + 1) === 'instance') found.add(CLONE);
      break;
    case STOP_SERVER:
      found.add(SHUTDOWN);
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

function grant(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  const on = findOutside(tokens, ON, from, to);
  const isGlobal = on > 0 && isEverything(tokens, on + 1);
  for (let at = from + 1; at < on; at++) {
    if (!isGlobal) break;
    const isPower = POWERS.has(nameAt(tokens, at)) && (code[at] !== CREATE || code[at + 1] === USER);
    if (isPower || (code[at] === CREATE && code[at + 1] === USER)) found.add(GRANT_ADMIN);
  }
  const options = find(tokens, OPTION, Math.max(on, from), to);
  if (
    options > 0 &&
    (code[options - 1] === GRANT || code[options - 1] === ADMIN) &&
    find(tokens, WITH, Math.max(on, from), to) > 0
  )
    found.add(GRANT_ADMIN);
  const dynamic = on < 0 && find(tokens, TO, from, to) > 0 && ADMINS.test(nameAt(tokens, from + 1));
  if (dynamic) found.add(GRANT_ADMIN);
}

/** `*.*`, or `*` alone. */
function isEverything(tokens: TokenBuffer, at: number): boolean {
  return tokens.code[at] === STAR && (tokens.code[at + 1] !== DOT || tokens.code[at + 2] === STAR);
}

function revoke(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  if (tokens.code[from + 1] !== ALL) return;
  found.add(REVOKE_ALL);
  admin(tokens, found, from, to);
}

/** Whether an account of an administrator is named. */
function admin(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  for (let at = from + 1; at < Math.min(to, from + 200); at++) {
    const name = tokens.code[at] === C_STRING ? literalText(tokens, at) : nameAt(tokens, at);
    if (ADMINS.test(name)) found.add(ADMIN_ACCOUNT);
  }
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
    const name = code[at] === C_STRING ? literalText(tokens, at).toLowerCase() : nameAt(tokens, at);
    if (REMOTE_ENGINES.test(name)) found.add(REMOTE_TABLE);
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
  const name = tokens.code[at] === C_STRING ? literalText(tokens, at).toLowerCase() : nameAt(tokens, at);
  if (at >= to || name.startsWith('current_user') || name === 'mariadb.sys' || name === 'mysql.sys') return;
  found.add(OTHER_DEFINER);
}

function account(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  credential(tokens, found, from, to);
  for (let at = from; at < to; at++) {
    if (code[at] === ACCOUNT && code[at + 1] === LOCK) {
      found.add(LOCK_ACCOUNT);
      admin(tokens, found, from, to);
    }
    if (code[at] === REQUIRE && code[at + 1] === NONE && code[from] === ALTER) found.add(WEAKEN_TLS);
    if (code[at] === IDENTIFIED && code[from] === ALTER && nameAt(tokens, at + 2).includes('native_password'))
      found.add(WEAKEN_TLS);
  }
}

/** A host of `%`, or none, which is the same. */
function isFromAnywhere(tokens: TokenBuffer, from: number, to: number): boolean {
  for (let at = from; at < Math.min(to, from + 12); at++) {
    if (tokens.code[at] !== AT_SIGN) continue;
    return literalText(tokens, at + 1) === '%';
  }
  return find(tokens, AT_SIGN, from, to) < 0;
}

const AT_SIGN = punct('@');

/** A password in the text of a statement: whoever sees the traffic reads it. */
function credential(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  for (let at = from; at < to; at++) {
    if (code[at] === IDENTIFIED) {
      const by = find(tokens, BY, at, Math.min(to, at + 5));
      if (by > 0 && code[by + 1] === C_STRING) found.add(CLEARTEXT);
    } else if (nameAt(tokens, at).endsWith('password') && at > from) {
      const value = code[at + 1] === EQUALS ? at + 2 : at + 1;
      const isSetPassword = code[from] === SET && code[from + 1] === PASSWORD;
      if (code[from] === CHANGE || isSetPassword)
        if (find(tokens, C_STRING, value, Math.min(to, value + 12)) > 0) found.add(CLEARTEXT);
    }
  }
}

function count(tokens: TokenBuffer, code: number, from: number, to: number): number {
  let times = 0;
  for (let at = from; at < to; at++) if (tokens.code[at] === code) times++;
  return times;
}
