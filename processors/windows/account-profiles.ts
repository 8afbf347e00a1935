/** In `detection_windows`, before any detection. */
export const PROFILES = 'account_profiles';

/** What is kept of an account, as pairs of kind and value, of a row of `detection_facts`. */
const TRAITS =
  "arrayConcat([('account', ''), ('client', client_network), ('program', client_program), ('digest', statement_digest), ('verb', verb_class), ('hour', toString(toHour(hour)))], arrayMap(name -> ('schema', name), schemas), arrayMap(name -> ('table', name), tables))";

/**
 * Adds to `account_profiles` what accounts did from `first` to before `until`, seconds since the epoch, with success. Again without
 * harm: what is kept are earliest and latest times, and sets of days.
 */
export function profileSql(first: number, until: number): string {
  const within = `event_time >= toDateTime64(${first}, 6, 'UTC') AND event_time < toDateTime64(${until}, 6, 'UTC')`;
  // First and last of what is alike stand for all of it: they are found before anything is joined.
  const alike =
    "server_id, user_name, if(user_name_source IN ('unknown', 'processlist'), connection_uid, ''), toStartOfHour(event_time), client_address, client_program, database_name, statement_digest";
  const times = `SELECT server_id, arrayJoin([min(event_time), max(event_time)]) FROM audit_events FINAL WHERE ${within} AND status = 'ok' GROUP BY ${alike}`;
  const facts = `SELECT server_id, user_name, min(event_time) AS earliest, max(event_time) AS latest, toStartOfHour(event_time) AS hour, client_network, client_program, statement_digest, verb_class, schemas, tables FROM detection_facts WHERE ${within} AND (server_id, event_time) IN (${times}) AND user_name != '' AND status = 'ok' GROUP BY server_id, user_name, hour, client_network, client_program, statement_digest, verb_class, schemas, tables`;
  return `INSERT INTO account_profiles (server_id, user_name, kind, value, first_seen, last_seen, days) SELECT server_id, user_name, trait.1 AS kind, trait.2 AS value, min(earliest), max(latest), uniqState(toDate(hour)) FROM (SELECT *, arrayJoin(${TRAITS}) AS trait FROM (${facts})) WHERE trait.2 != '' OR trait.1 = 'account' GROUP BY server_id, user_name, kind, value`;
}
