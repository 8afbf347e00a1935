-- title: Ten connections of one client that end before or in their login within a minute
-- description: Without an answer of the server, or with its answer to what is no login: 1043, 1129, 1130, 1158 to 1161.
-- rule: recon.connection_scan
-- steps: 2
-- facts: command = 'connect' AND NOT is_tls AND (status = 'unknown' OR error_code IN (1043, 1129, 1130, 1158, 1159, 1160, 1161))
SELECT * REPLACE ('' AS user_name, '' AS database_name)
FROM
(
    SELECT *, countIf(age < 2) OVER w AS matched, countIf(age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(3)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, client_address)
)
WHERE fresh > 0 AND matched >= 10 AND age < if(matched_before >= 10, 1, 2)
