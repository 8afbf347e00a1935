-- title: Activity: what happened hour by hour, by server and user, out of the rollups
-- description: Whole minutes, also at the ends of the time asked for; the latest seconds follow with the next rollup. Quick
-- description: over years. p95_us and p99_us are estimates.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: database String =
-- parameter: digest String =
-- parameter: limit UInt32 = 1000
SELECT
    toStartOfHour(minute) AS hour,
    server_id,
    user_name,
    sum(a.events) AS events,
    sumIf(a.events, command IN ('query', 'execute')) AS statements,
    uniqExactIf(statement_digest, statement_digest != '') AS digests,
    sum(a.errors) AS errors,
    sum(a.returned_rows) AS returned_rows,
    sum(a.affected_rows) AS affected_rows,
    round(sum(a.duration_us) / 1e6, 3) AS total_s,
    max(a.max_duration_us) AS max_us,
    round(ifNotFinite(quantilesTDigestMerge(0.5, 0.95, 0.99)(durations)[2], 0)) AS p95_us,
    round(ifNotFinite(quantilesTDigestMerge(0.5, 0.95, 0.99)(durations)[3], 0)) AS p99_us
FROM activity_per_minute AS a
WHERE minute >= toStartOfMinute({since:DateTime64(6, 'UTC')}) AND minute <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({user:String} = '' OR user_name = {user:String})
  AND ({database:String} = '' OR database_name = {database:String})
  AND ({digest:String} = '' OR statement_digest = {digest:String})
GROUP BY hour, server_id, user_name
ORDER BY hour DESC, events DESC, server_id, user_name
LIMIT {limit:UInt32}
