-- title: Three tables or databases dropped or emptied within five minutes by one client and account
-- description: Not where the account made or dropped such things on an earlier day: migrations and their accounts.
-- rule: impact.drop_truncate
-- steps: 6
-- facts: status = 'ok' AND statement_digest IN (SELECT digest FROM statements WHERE kind IN ('drop_table', 'drop_database', 'truncate')
-- facts: AND NOT match(masked, '(?i)^\\s*drop\\s+temporary\\b'))
SELECT * REPLACE ('' AS database_name, toUInt8(5) AS severity)
FROM
(
    SELECT *, uniqExactIf(statement_digest, age < 6) OVER w AS matched, uniqExactIf(statement_digest, age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT f.*, arrayJoin(range(7)) AS age, toStartOfMinute(f.event_time) + toIntervalMinute(age) AS window_start
        FROM {facts} AS f
        LEFT JOIN
        (
            SELECT server_id AS s, user_name AS u, min(first_seen) AS since
            FROM account_profiles
            WHERE kind = 'verb' AND value = 'ddl'
            GROUP BY s, u
        ) AS p ON p.s = f.server_id AND p.u = f.user_name
        WHERE p.since = toDateTime64(0, 6, 'UTC') OR p.since >= toStartOfDay(f.event_time)
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address)
)
WHERE fresh > 0 AND matched >= 3 AND age < if(matched_before >= 3, 1, 6)
