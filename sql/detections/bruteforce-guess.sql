-- title: Ten failed logins of one account from one client within a minute
-- rule: bruteforce.guess
-- steps: 2
-- facts: command IN ('connect', 'change_user') AND error_code IN (1045, 1698)
SELECT * REPLACE ('' AS database_name)
FROM
(
    SELECT *, countIf(age < 2) OVER w AS matched, countIf(age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(3)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address)
)
WHERE fresh > 0 AND matched >= 10 AND age < if(matched_before >= 10, 1, 2)
