-- title: One connection from login to quit, command by command (needs --connection)
-- description: The connection as its 32-digit connection_uid or as the server's own connection id, which is used again after
-- description: a restart: then all connections with that id appear, one after the other.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: connection String
-- parameter: limit UInt32 = 10000
SELECT event_time, connection_uid, command, user_name, database_name, status, error_code, error_message_masked, duration_us, returned_rows, affected_rows, in_transaction, completeness, statement_masked
FROM audit
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND (connection_uid = {connection:String} OR (length({connection:String}) < 32 AND toString(connection_id) = {connection:String}))
ORDER BY connection_uid, event_time, event_id
LIMIT {limit:UInt32}
