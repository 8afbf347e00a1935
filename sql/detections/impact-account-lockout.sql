-- title: Three accounts dropped, locked or stripped of all privileges within five minutes
-- rule: impact.account_lockout
-- steps: 6
-- facts: status = 'ok' AND statement_digest IN (SELECT digest FROM statements WHERE kind = 'drop_user'
-- facts: OR (kind = 'alter_user' AND match(masked, '(?i)\\baccount\\s+lock\\b'))
-- facts: OR (kind = 'revoke' AND match(masked, '(?i)^\\s*revoke\\s+(if\\s+exists\\s+)?all\\b')))
SELECT * REPLACE ('' AS database_name)
FROM
(
    SELECT *, countIf(age < 6) OVER w AS matched, countIf(age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(7)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address)
)
WHERE fresh > 0 AND matched >= 3 AND age < if(matched_before >= 3, 1, 6)
