-- title: Columns counted with ORDER BY numbers until the server has none of that number, within five minutes
-- rule: sqli.orderby_probe
-- steps: 6
-- facts: error_code IN (0, 1054)
-- facts: AND statement_digest IN (SELECT digest FROM statements WHERE match(masked, '(?i)\\border\\s+by\\s+\\?\\s*$'))
SELECT *
FROM
(
    SELECT *, countIf(age < 6) OVER w AS matched, countIf(age < 6 AND error_code = 1054) OVER w AS refused,
        countIf(age > 0) OVER w AS matched_before, countIf(age > 0 AND error_code = 1054) OVER w AS refused_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(7)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address, statement_digest)
)
WHERE fresh > 0 AND matched >= 3 AND refused >= 1 AND age < if(matched_before >= 3 AND refused_before >= 1, 1, 6)
