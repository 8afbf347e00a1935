-- title: Completeness: what was seen whole, cut, with gaps, from the middle or hidden by TLS
-- description: One line per server and hour. Only complete is the whole truth; user_unknown counts events without a user.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: limit UInt32 = 1000
SELECT
    toStartOfHour(event_time) AS hour,
    server_id,
    count() AS events,
    countIf(completeness = 'complete') AS complete,
    countIf(completeness = 'truncated') AS truncated,
    countIf(completeness = 'gap') AS gap,
    countIf(completeness = 'midstream') AS midstream,
    countIf(status = 'unknown') AS without_response,
    countIf(user_name = '') AS user_unknown,
    uniqExactIf(connection_uid, is_tls) AS tls_connections
FROM audit
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
GROUP BY hour, server_id
ORDER BY hour DESC, server_id
LIMIT {limit:UInt32}
