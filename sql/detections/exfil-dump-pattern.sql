-- title: Whole tables read, five of them by one client and account within five minutes
-- description: Not where the account read most of them in the same way on an earlier day: its backup runs every night.
-- rule: exfil.dump_pattern
-- steps: 6
-- facts: status = 'ok' AND statement_digest IN (SELECT digest FROM statements WHERE kind = 'select'
-- facts: AND match(masked, '(?i)^\\s*select\\s+(/\\*!\\d*\\s*)?(sql_no_cache\\s*)?(\\*/\\s*)?\\*\\s+from\\s+[^\\s,(]+\\s*$'))
SELECT * REPLACE ('' AS database_name)
FROM
(
    SELECT *, uniqExactIf(statement_digest, age < 6) OVER w AS matched, uniqExactIf(statement_digest, age < 6 AND is_usual) OVER w AS usual,
        uniqExactIf(statement_digest, age > 0) OVER w AS matched_before, uniqExactIf(statement_digest, age > 0 AND is_usual) OVER w AS usual_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT f.*, arrayJoin(range(7)) AS age, toStartOfMinute(f.event_time) + toIntervalMinute(age) AS window_start,
            p.since > toDateTime64(0, 6, 'UTC') AND p.since < toStartOfDay(f.event_time) AS is_usual
        FROM {facts} AS f
        LEFT JOIN
        (
            SELECT server_id, user_name, value, min(first_seen) AS since
            FROM account_profiles
            WHERE kind = 'digest'
            GROUP BY server_id, user_name, value
        ) AS p ON p.server_id = f.server_id AND p.user_name = f.user_name AND p.value = f.statement_digest
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address)
)
WHERE fresh > 0 AND matched >= 5 AND usual * 2 <= matched AND age < if(matched_before >= 5 AND usual_before * 2 <= matched_before, 1, 6)
