-- title: Five refusals for want of a privilege of one account and client within five minutes
-- description: The same statement over and over is more likely an application than a person: low.
-- rule: priv.denied_burst
-- steps: 6
-- facts: command NOT IN ('connect', 'change_user') AND error_code IN (1044, 1142, 1143, 1227, 1370, 1410)
SELECT * REPLACE ('' AS database_name, toUInt8(if(texts < 2, 2, 0)) AS severity)
FROM
(
    SELECT *, countIf(age < 6) OVER w AS matched, uniqExactIf(statement_digest, age < 6) OVER w AS texts, countIf(age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(7)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address)
)
WHERE fresh > 0 AND matched >= 5 AND age < if(matched_before >= 5, 1, 6)
