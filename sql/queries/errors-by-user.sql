-- title: Errors by user: what failed, for whom, with an example
-- description: One line per user, client address and error number, without failed logins (see failed-logins).
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: database String =
-- parameter: client String =
-- parameter: limit UInt32 = 100
SELECT
    user_name,
    client_address,
    error_code,
    any(sql_state) AS sql_state,
    count() AS errors,
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    any(error_message_masked) AS error_message_masked,
    any(statement_masked) AS statement_masked
FROM audit
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({user:String} = '' OR user_name = {user:String})
  AND ({user:String} = '' OR user_name_captured IN ({user:String}, ''))
  AND ({database:String} = '' OR database_name = {database:String})
  AND ({client:String} = '' OR client_address = {client:String})
  AND status = 'error' AND command != 'connect'
GROUP BY user_name, client_address, error_code
ORDER BY errors DESC, user_name, client_address, error_code
LIMIT {limit:UInt32}
