-- title: Failed logins of five accounts from one client within ten minutes
-- rule: bruteforce.spray
-- steps: 11
-- facts: command IN ('connect', 'change_user') AND error_code IN (1044, 1045, 1698)
SELECT * REPLACE ('' AS user_name, '' AS database_name)
FROM
(
    SELECT *, uniqExactIf(user_name, age < 11) OVER w AS matched, uniqExactIf(user_name, age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(12)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, client_address)
)
WHERE fresh > 0 AND matched >= 5 AND age < if(matched_before >= 5, 1, 11)
