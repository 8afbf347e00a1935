-- title: One statement that returns more than 10,000 rows, and twenty times what nearly all statements of its account did before
-- description: Measured against the 99th percentile of the account's statements in the seven days before this one. Not where the same statement
-- description: returned half as many in those days: an export that runs every night.
-- rule: exfil.bulk_rows
-- steps: 0
-- facts: returned_rows > 10000
SELECT f.*, toStartOfMinute(f.event_time) AS window_start
FROM {facts} AS f
LEFT JOIN
(
    SELECT h.server_id AS s, h.user_name AS u, quantileTDigest(0.99)(h.returned_rows) AS usual
    FROM audit AS h
    WHERE h.event_time >= toStartOfDay({first}) - toIntervalDay(7) AND h.event_time < toStartOfDay({first}) AND h.status = 'ok' AND h.command IN ('query', 'execute')
        AND (h.server_id, h.user_name) IN (SELECT server_id, user_name FROM {facts})
    GROUP BY s, u
) AS a ON a.s = f.server_id AND a.u = f.user_name
LEFT JOIN
(
    SELECT h.server_id AS s, h.user_name AS u, h.statement_digest AS digest, max(h.returned_rows) AS most
    FROM audit AS h
    WHERE h.event_time >= toStartOfDay({first}) - toIntervalDay(7) AND h.event_time < toStartOfDay({first}) AND h.returned_rows > 5000
        AND (h.server_id, h.user_name) IN (SELECT server_id, user_name FROM {facts})
    GROUP BY s, u, digest
) AS d ON d.s = f.server_id AND d.u = f.user_name AND d.digest = f.statement_digest
WHERE f.returned_rows > 20 * a.usual AND f.returned_rows > 2 * d.most
