-- title: A table read page by page: twenty full pages of one statement, 10,000 rows and more, within ten minutes
-- description: Not where the account ran this statement on an earlier day.
-- rule: exfil.paged_scrape
-- steps: 11
-- facts: status = 'ok' AND returned_rows >= 100
-- facts: AND statement_digest IN (SELECT digest FROM statements WHERE kind = 'select' AND match(masked, '(?i)\\blimit\\s+\\?(\\s*,\\s*\\?|\\s+offset\\s+\\?)?\\s*$'))
SELECT *
FROM
(
    SELECT *, countIf(age < 11) OVER w AS matched, sumIf(returned_rows, age < 11) OVER w AS total,
        countIf(age > 0) OVER w AS matched_before, sumIf(returned_rows, age > 0) OVER w AS total_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT f.*, arrayJoin(range(12)) AS age, toStartOfMinute(f.event_time) + toIntervalMinute(age) AS window_start
        FROM {facts} AS f
        LEFT JOIN
        (
            SELECT server_id, user_name, value, min(first_seen) AS since
            FROM account_profiles
            WHERE kind = 'digest'
            GROUP BY server_id, user_name, value
        ) AS p ON p.server_id = f.server_id AND p.user_name = f.user_name AND p.value = f.statement_digest
        WHERE p.since = toDateTime64(0, 6, 'UTC') OR p.since >= toStartOfDay(f.event_time)
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address, database_name, statement_digest)
)
WHERE fresh > 0 AND matched >= 20 AND total >= 10000 AND age < if(matched_before >= 20 AND total_before >= 10000, 1, 11)
