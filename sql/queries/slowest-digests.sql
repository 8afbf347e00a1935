-- title: Slowest statements: digests by the total time spent on them
-- description: Time from the first packet of the request to the last byte of the response; executions without a response do not count.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: database String =
-- parameter: client String =
-- parameter: limit UInt32 = 20
SELECT f.*, s.masked AS statement_masked
FROM
(
    SELECT
        round(sum(duration_us) / 1e6, 3) AS total_s,
        count() AS executions,
        round(avg(duration_us)) AS avg_us,
        round(quantileTDigest(0.95)(duration_us)) AS p95_us,
        max(duration_us) AS max_us,
        sum(audit.returned_rows) AS returned_rows,
        countIf(no_index_used) AS without_index,
        statement_digest
    FROM audit
    WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
      AND ({server:String} = '' OR server_id = {server:String})
      AND ({user:String} = '' OR user_name = {user:String})
      AND ({user:String} = '' OR user_name_captured IN ({user:String}, ''))
      AND ({database:String} = '' OR database_name = {database:String})
      AND ({client:String} = '' OR client_address = {client:String})
      AND command IN ('query', 'execute') AND statement_digest != '' AND status != 'unknown'
    GROUP BY statement_digest
    ORDER BY total_s DESC, statement_digest
    LIMIT {limit:UInt32}
) AS f
LEFT ANY JOIN statements AS s ON s.digest = f.statement_digest
ORDER BY total_s DESC, statement_digest
