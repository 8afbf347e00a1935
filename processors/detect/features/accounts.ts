import { type FoundFeatures, featureOf } from './found-features.ts';
import { literalText, namedAt } from './literal-text.ts';
import { findOutside, nameAt } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_STRING, DOT, punct } from './token-codes.ts';
import { find } from './token-reading.ts';
import { id } from './words.ts';

const CREATE = id('create');
const GRANT = id('grant');
const LOCK = id('lock');
const ALTER = id('alter');
const SET = id('set');
const CHANGE = id('change');
const GRANT_ADMIN = featureOf('grant_admin');
const LOCK_ACCOUNT = featureOf('lock_account');
const REVOKE_ALL = featureOf('revoke_all');
const ADMIN_ACCOUNT = featureOf('names_admin_account');
const CLEARTEXT = featureOf('cleartext_credential');
const WEAKEN_TLS = featureOf('weaken_account');
const USER = id('user');
const ON = id('on');
const TO = id('to');
const ALL = id('all');
const OPTION = id('option');
const ADMIN = id('admin');
const ACCOUNT = id('account');
const REQUIRE = id('require');
const NONE = id('none');
const IDENTIFIED = id('identified');
const BY = id('by');
const PASSWORD = id('password');
const EQUALS = punct('=');
const STAR = punct('*');
const WITH = id('with');
const POWERS = new Set(
  `all super file process reload shutdown system_variables_admin system_user role_admin connection_admin binlog_admin
  set_user_id set_any_definer binlog_replay replication_slave_admin replication_applier audit_admin persist_ro_variables_admin
  encryption_key_admin clone_admin group_replication_admin backup_admin application_password_admin`.split(/\s+/),
);
const ADMINS =
  /^(?:root|dba|admin|administrator|sys|mysql\.sys|mariadb\.sys|superuser|dbadmin|rdsadmin|cloudsqladmin|azure_superuser)$/i;
const AT_SIGN = punct('@');

export function grant(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  const on = findOutside(tokens, ON, from, to);
  const isGlobal = on > 0 && isEverything(tokens, on + 1);
  for (let at = from + 1; isGlobal && at < on; at++)
    if (POWERS.has(nameAt(tokens, at)) || (code[at] === CREATE && code[at + 1] === USER)) found.add(GRANT_ADMIN);
  const options = find(tokens, OPTION, Math.max(on, from), to);
  if (
    options > 0 &&
    (code[options - 1] === GRANT || code[options - 1] === ADMIN) &&
    find(tokens, WITH, Math.max(on, from), to) > 0
  )
    found.add(GRANT_ADMIN);
  const isRole = on < 0 && find(tokens, TO, from, to) > 0;
  if (isRole && ADMINS.test(nameAt(tokens, from + 1))) found.add(GRANT_ADMIN);
}

/** `*.*`, or `*` alone. */
function isEverything(tokens: TokenBuffer, at: number): boolean {
  return tokens.code[at] === STAR && (tokens.code[at + 1] !== DOT || tokens.code[at + 2] === STAR);
}

export function revoke(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  if (tokens.code[from + 1] !== ALL) return;
  found.add(REVOKE_ALL);
  admin(tokens, found, from, to);
}

/** Whether an account of an administrator is named. */
export function admin(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  for (let at = from + 1; at < Math.min(to, from + 200); at++) {
    if (ADMINS.test(namedAt(tokens, at))) found.add(ADMIN_ACCOUNT);
  }
}

export function account(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
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
export function isFromAnywhere(tokens: TokenBuffer, from: number, to: number): boolean {
  for (let at = from; at < Math.min(to, from + 12); at++) {
    if (tokens.code[at] !== AT_SIGN) continue;
    return literalText(tokens, at + 1) === '%';
  }
  return find(tokens, AT_SIGN, from, to) < 0;
}

/** A password in the text of a statement: whoever sees the traffic reads it. */
export function credential(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
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
