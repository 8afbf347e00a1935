import { type FoundFeatures, featureOf } from './found-features.ts';
import { literalText } from './literal-text.ts';
import { eachStatement, nameAt } from './statement-parts.ts';
import type { TokenBuffer } from './token-buffer.ts';
import { C_NAME, C_NUMBER, C_STRING, C_SYSTEM, COMMA, DOT, punct } from './token-codes.ts';
import { id, ids } from './words.ts';

const LOGGING_OFF = featureOf('logging_off');
const BINLOG_OFF = featureOf('session_binlog_off');
const WEAKEN_CONFIG = featureOf('weaken_config');
const EVENT_SCHEDULER = featureOf('event_scheduler_on');
const LOG_TO_CODE = featureOf('log_file_executable');

const SET = id('set');
const GLOBALS = ids('global persist persist_only');
const SCOPES = ids('global persist persist_only session local');
const EQUALS = punct('=');
const COLON = punct(':');

const OFF = /^(?:0|off|false|none|''|)$/i;
const ON = /^(?:1|on|true)$/i;
const LOGGING =
  /^(?:general_log|slow_query_log|log_output|log_slow_query|server_audit_logging|audit_log(?:_\w+)?|log_error_verbosity|log_warnings)$/;
/** Ends of files that a web server or loader runs, and places where it looks for them. */
export const EXECUTABLE =
  /\.(?:php\d?|phtml|phar|jspx?|aspx?|ashx|cgi|pl|py|rb|sh|so|dll|exe|bat|ps1|cnf|ini|htaccess|user\.ini)$|authorized_keys|crontab|\/cron\.|\/etc\/|\.ssh\//i;
export const WEB_ROOT =
  /\/(?:www|htdocs|html|public_html|webroot|wwwroot|httpdocs|web|srv\/http|plugin)(?:\/|$)|inetpub|mysql\/plugin|\\plugin\\/i;

/** SET, as far as it takes away what watches or protects a server. */
export function findSettings(tokens: TokenBuffer, found: FoundFeatures): void {
  eachStatement(tokens, (from, to) => {
    if (tokens.code[from] !== SET) return;
    let at = from + 1;
    while (at < to) {
      let end = at;
      while (end < to && tokens.code[end] !== COMMA) end++;
      assignment(tokens, found, at, end);
      at = end + 1;
    }
  });
}

function assignment(tokens: TokenBuffer, found: FoundFeatures, from: number, to: number): void {
  const { code } = tokens;
  let at = from;
  let isGlobal = false;
  if (code[at] === C_SYSTEM) at++;
  if (SCOPES.has(code[at]!)) {
    isGlobal = GLOBALS.has(code[at]!);
    at++;
    if (code[at] === DOT) at++;
  }
  let name = nameAt(tokens, at);
  at++;
  if (code[at] === DOT) {
    name += `.${nameAt(tokens, at + 1)}`;
    at += 2;
  }
  while (at < to && (code[at] === EQUALS || code[at] === COLON)) at++;
  const isLiteral = code[at] === C_STRING || code[at] === C_NUMBER;
  const value = isLiteral ? literalText(tokens, at, 4096) : valueAt(tokens, at, to);
  judge(found, name, value, isGlobal, at < to && code[at] === C_NAME && !ON.test(value) && !OFF.test(value));
}

function valueAt(tokens: TokenBuffer, at: number, to: number): string {
  return at < to ? nameAt(tokens, at) : '';
}

function judge(found: FoundFeatures, name: string, value: string, isGlobal: boolean, isName: boolean): void {
  if (isName && value.startsWith('@')) return;
  if (LOGGING.test(name) && (OFF.test(value) || (name === 'log_output' && value.toUpperCase() === 'NONE')))
    found.add(LOGGING_OFF);
  if ((name === 'sql_log_bin' && OFF.test(value)) || (name === 'sql_log_off' && ON.test(value))) found.add(BINLOG_OFF);
  if (name === 'event_scheduler' && isGlobal && ON.test(value)) found.add(EVENT_SCHEDULER);
  if (/^(?:general_log_file|slow_query_log_file|log_error|server_audit_file_path|audit_log_file)$/.test(name)) {
    if (EXECUTABLE.test(value) || (WEB_ROOT.test(value) && !/\.log$/i.test(value))) found.add(LOG_TO_CODE);
  }
  if (isGlobal && weakens(name, value)) found.add(WEAKEN_CONFIG);
}

function weakens(name: string, value: string): boolean {
  if (
    /^(?:local_infile|log_bin_trust_function_creators|old_passwords|secure_file_priv_off|skip_grant_tables|mysql_native_password)$/.test(
      name,
    )
  )
    return ON.test(value);
  if (
    /^(?:secure_auth|require_secure_transport|validate_password\S*|check_proxy_users|password_history|password_require_current|default_password_lifetime|simple_password_check\S*|strict_password_validation|disconnect_on_expired_password|read_only|super_read_only)$/.test(
      name,
    )
  )
    return OFF.test(value) || /^low$/i.test(value);
  if (name === 'init_connect' || name === 'init_file' || name === 'init_slave' || name === 'init_replica')
    return value !== '';
  if (name === 'default_authentication_plugin' || name === 'authentication_policy')
    return /native_password/i.test(value);
  return name === 'sql_mode' && OFF.test(value);
}
