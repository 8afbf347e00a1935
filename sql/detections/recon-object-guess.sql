-- title: Five different names that do not exist or are refused, asked by one client and account within five minutes
-- rule: recon.object_guess
-- steps: 6
-- facts: error_code IN (1049, 1054, 1142, 1146, 1305)
-- facts: AND NOT (error_code = 1054 AND statement_digest IN (SELECT digest FROM statements WHERE match(masked, '(?i)\\border\\s+by\\s+\\?\\s*$')))
SELECT * REPLACE ('' AS database_name)
FROM
(
    SELECT *, uniqExactIf(object, age < 6) OVER w AS matched, uniqExactIf(object, age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(7)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start,
            tuple(error_code, database_name, statement_digest) AS object
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address)
)
WHERE fresh > 0 AND matched >= 5 AND age < if(matched_before >= 5, 1, 6)
