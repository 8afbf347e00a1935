-- title: Overview: users by activity, with errors, rows, time and first and last event
-- description: The place to start: one line per user and server.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: limit UInt32 = 100
SELECT
    server_id,
    user_name,
    count() AS events,
    countIf(command IN ('query', 'execute')) AS statements,
    uniqExactIf(statement_digest, statement_digest != '') AS digests,
    uniqExact(connection_uid) AS connections,
    uniqExact(client_address) AS clients,
    countIf(status = 'error') AS errors,
    sum(returned_rows) AS returned_rows,
    sum(affected_rows) AS affected_rows,
    round(sum(duration_us) / 1e6, 3) AS total_s,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM audit
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({user:String} = '' OR user_name = {user:String})
  AND ({user:String} = '' OR user_name_captured IN ({user:String}, ''))
GROUP BY server_id, user_name
ORDER BY events DESC, server_id, user_name
LIMIT {limit:UInt32}
