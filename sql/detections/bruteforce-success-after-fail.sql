-- title: A login that succeeds within ten minutes after five failed ones of that client or account
-- description: The account is one that failed before from there, or the client had tried three accounts or more: a host on which one
-- description: application has a wrong password, and another the right one, is none of this.
-- rule: bruteforce.success_after_fail
-- steps: 11
-- facts: command IN ('connect', 'change_user') AND error_code IN (1045, 1698)
SELECT s.* REPLACE ('' AS database_name), toStartOfMinute(s.event_time) AS window_start
FROM detection_facts AS s
WHERE s.event_time >= {first} AND s.event_time < {until} AND s.command IN ('connect', 'change_user') AND s.status = 'ok'
    AND (s.server_id, s.event_time, s.connection_uid) IN
(
    SELECT o.server_id, o.event_time, o.connection_uid
    FROM {facts} AS f
    INNER JOIN
    (
        SELECT server_id, client_address, user_name, event_time, connection_uid
        FROM detection_facts
        WHERE event_time >= {first} AND event_time < {until} AND command IN ('connect', 'change_user') AND status = 'ok'
    ) AS o ON f.server_id = o.server_id
    WHERE f.event_time < o.event_time AND f.event_time >= o.event_time - toIntervalMinute(10) AND (f.client_address = o.client_address OR f.user_name = o.user_name)
    GROUP BY o.server_id, o.event_time, o.connection_uid
    HAVING (countIf(f.client_address = o.client_address AND f.user_name = o.user_name) > 0 AND (countIf(f.client_address = o.client_address) >= 5 OR countIf(f.user_name = o.user_name) >= 5))
        OR (countIf(f.client_address = o.client_address) >= 5 AND uniqExactIf(f.user_name, f.client_address = o.client_address) >= 3)
)
