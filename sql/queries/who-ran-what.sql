-- title: Who ran what: statements with user, client and outcome, newest first
-- description: Every command that carried a statement. Narrow it by time, user, database, client, server or digest.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: database String =
-- parameter: client String =
-- parameter: digest String =
-- parameter: limit UInt32 = 100
SELECT event_time, server_id, user_name, client_address, database_name, command, status, error_code, duration_us, returned_rows, affected_rows, statement_masked
FROM audit
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({user:String} = '' OR user_name = {user:String})
  AND ({user:String} = '' OR user_name_captured IN ({user:String}, ''))
  AND ({database:String} = '' OR database_name = {database:String})
  AND ({client:String} = '' OR client_address = {client:String})
  AND ({digest:String} = '' OR statement_digest = {digest:String})
  AND statement_digest != ''
ORDER BY event_time DESC, event_id DESC
LIMIT {limit:UInt32}
