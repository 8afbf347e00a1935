/**
 * Every feature by name, and what it says. Rules name them (`features: tautology`), lines between stages carry them; a name once
 * given keeps its meaning. None says anything about a value beyond what stands here.
 */
export const FEATURES = {
  // Conditions.
  tautology:
    'a comparison of literals, or a bare literal, stands behind OR, XOR or HAVING, literals are joined by =, LIKE or a sign of calculation, or a second condition on a column takes in every row',
  constant_comparison: 'a condition compares literals with each other, other than 1=1 and 1=0',
  constant_branch: 'CASE WHEN or IF decides by literals alone',
  constant_subselect: 'a subselect in a condition or calculation reads no table',
  constant_elt: 'ELT or MAKE_SET chooses by a comparison of literals',
  always_true_where: 'the whole WHERE of a DELETE or UPDATE compares a number with itself',
  blind_probe:
    'a part of what a subselect or the server says is compared with a constant, or a condition asks whether a table that it is not tied to holds anything',
  // Unions.
  union_constants: 'behind a query of a table, a union selects nothing but literals',
  union_system: 'behind a query of a table, a union asks for user, version, database or a setting',
  union_catalogue: 'behind a query of ordinary tables, a union reads a catalogue',
  union_concat: 'a union joins columns to one text, beside literals that fill the other columns',
  union_credentials:
    'a union reads columns as passwords, tokens or cards have them, which the query before it does not',
  union_padding: 'a union fills columns with numbers or NULL beside the ones it reads',
  // Functions.
  time_in_condition: 'SLEEP, BENCHMARK or a wait stands in a condition, a branch or a subselect',
  benchmark_call: 'BENCHMARK repeats something a hundred million times or more',
  error_function:
    'a function that shows its argument in an error is given a subselect, CONCAT or something of the server',
  marker_concat: 'CONCAT puts hexadecimal markers around something',
  char_building: 'a text is put together from codes of characters',
  huge_repeat: 'REPEAT, SPACE or padding makes ten million characters or more',
  foreign_dialect: 'a function or catalogue of another database system is used',
  load_file: 'LOAD_FILE is called',
  command_function: 'a function that runs commands of the operating system is called',
  // Ways of writing.
  comment_residue: 'the statement ends in a comment that holds what it would have gone on with',
  comment_end: 'the statement ends in an empty comment on its last line',
  comment_blanks: 'comments stand where only a blank would',
  versioned_keyword: 'a keyword or function within a statement is written in a versioned comment',
  glued_keyword: 'a keyword follows a number without a blank',
  odd_blanks: 'a blank that nobody types parts two words',
  random_case: 'keywords mix upper and lower case',
  // More than one statement, and statements as text.
  several_statements: 'there is more than one statement',
  stacked_write: 'behind a SELECT and a semicolon something is written or called',
  semicolon_without_statement: 'behind a query and a semicolon stands something that begins no statement',
  broken_quotes: 'the text ends within a string, a quoted name or a comment, though nothing of it is missing',
  stacked_statement: 'behind a query stands a statement of another kind, or a query that reads no table',
  prepare_from_text: 'PREPARE or EXECUTE IMMEDIATE takes its statement from a literal or expression',
  prepare_from_variable: 'PREPARE or EXECUTE IMMEDIATE takes its statement from a variable',
  hex_sql: 'a statement as text, or a piece of one, is written in hexadecimal or in codes of characters',
  inner_attack:
    'a statement given as text has features of an attack; what it reads, writes or changes is told as if it stood there',
  inert_attempt: 'a string literal would be an injection if its quotes did not hold',
  order_by_position: 'ORDER BY names one column by its number',
  procedure_analyse: 'PROCEDURE ANALYSE is used',
  // What is read.
  reads_catalogue: 'information_schema is read',
  catalogue_enum: 'tables, columns or schemas are listed over all schemas, or by a name in hexadecimal',
  catalogue_by_hex: 'a catalogue is asked for a name in hexadecimal',
  catalogue_cross_join: 'three or more catalogue tables are joined without a condition',
  sensitive_name_hunt: 'a catalogue is searched for names like password, card or token',
  grant_table_read: 'a grant table of schema mysql is read',
  password_hash_read: 'password hashes of accounts are read',
  show_grants_of_other: 'SHOW GRANTS asks for another account',
  server_fingerprint: 'settings that say where the server keeps its files, or what it runs on, are asked for',
  selects_credentials: 'the select list names a column as passwords, hashes, tokens or cards have them',
  has_where: 'there is a WHERE',
  concat_credentials: 'columns with credentials are joined into one text',
  aggregate_with_markers: 'GROUP_CONCAT, CONCAT_WS or a JSON aggregate uses hexadecimal separators, without GROUP BY',
  // Files.
  writes_file: 'INTO OUTFILE or DUMPFILE writes a file',
  writes_executable: 'the file written is a script, a library or a setting, or lies where a web server or loader looks',
  unc_path: 'a path names another host',
  sensitive_file: 'a path names a file with credentials or of the operating system',
  load_data: 'LOAD DATA or LOAD XML reads a file',
  load_data_local: 'the file is read by the client',
  log_file_executable: 'a log is directed to a script, or to where a web server looks',
  // What is changed.
  unbounded_delete: 'DELETE without WHERE and LIMIT',
  unbounded_update: 'UPDATE without WHERE and LIMIT',
  mass_encrypt: 'UPDATE without WHERE replaces a column by its own ciphertext or hash',
  ransom_note: 'a demand for money in exchange for data is written',
  ransom_table: 'a table or schema is named and made as ransom notes have it',
  drop_database: 'DROP DATABASE without IF EXISTS',
  drop_table: 'DROP TABLE without IF EXISTS, not of a temporary table',
  drop_several: 'one such DROP TABLE names several tables',
  truncate_table: 'TRUNCATE of a table that is no log',
  grant_table_write: 'a grant table, or the table of functions or plugins, is written to',
  grant_admin: 'GRANT of all or of administrative privileges on everything, or with the option to grant them on',
  create_account: 'CREATE USER',
  account_from_anywhere: 'the account may log in from any host',
  drop_account: 'DROP USER',
  lock_account: 'ACCOUNT LOCK',
  revoke_all: 'REVOKE ALL',
  names_admin_account: 'the account is named like an administrator',
  cleartext_credential: 'the statement holds a password',
  weaken_account: 'an account no longer needs TLS, or has the older kind of password',
  other_definer: 'an object is made in the name of another account',
  create_event: 'CREATE EVENT',
  create_trigger: 'CREATE TRIGGER',
  event_scheduler_on: 'the event scheduler is turned on',
  load_server_code: 'a plugin, component or function of a library is installed',
  remote_table: 'a server, or a table that lies on another host, is made',
  replication_change: 'the server is told to replicate from another',
  clone_instance: 'CLONE INSTANCE copies a whole server',
  locks_everything: 'all tables, or very many, are locked',
  shutdown: 'SHUTDOWN',
  logging_off: 'a log of statements is turned off',
  session_binlog_off: 'the session leaves the binary or general log',
  purge_logs: 'binary logs or logs in tables are deleted',
  audit_plugin_removed: 'a plugin that audits or checks passwords is removed',
  weaken_config: 'a global setting that protects the server is weakened',
  // What the server answers.
  local_infile_request: 'the server asked the client to send a file',
  error_leaks_value: 'the error message shows a value that a function was given to make it fail',
} as const satisfies Readonly<Record<string, string>>;

export type FeatureName = keyof typeof FEATURES;

export const FEATURE_NAMES: readonly string[] = Object.keys(FEATURES);
/** Name → number, which only this process knows. */
export const FEATURE_INDEX: ReadonlyMap<string, number> = new Map(FEATURE_NAMES.map((name, index) => [name, index]));
