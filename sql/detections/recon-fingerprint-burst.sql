-- title: Three different questions about the server itself within five minutes by one client and account
-- rule: recon.server_fingerprint
-- steps: 6
-- facts: has(rule_ids, 'recon.server_fingerprint')
SELECT * REPLACE ('' AS database_name, toUInt8(3) AS severity)
FROM
(
    SELECT *, uniqExactIf(statement_digest, age < 6) OVER w AS matched, uniqExactIf(statement_digest, age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(7)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address)
)
WHERE fresh > 0 AND matched >= 3 AND age < if(matched_before >= 3, 1, 6)
