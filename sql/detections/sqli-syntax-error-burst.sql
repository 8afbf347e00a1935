-- title: Five syntax errors of three different statements from one client and account within a minute
-- rule: sqli.syntax_error_burst
-- steps: 2
-- facts: error_code = 1064
SELECT *
FROM
(
    SELECT *, countIf(age < 2) OVER w AS matched, uniqExactIf(statement_digest, age < 2) OVER w AS texts,
        countIf(age > 0) OVER w AS matched_before, uniqExactIf(statement_digest, age > 0) OVER w AS texts_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(3)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address, database_name)
)
WHERE fresh > 0 AND matched >= 5 AND texts >= 3 AND age < if(matched_before >= 5 AND texts_before >= 3, 1, 2)
