-- title: A login that succeeds within ten minutes after five failed ones of that client or account
-- description: The account is one that failed before from there, or the client had tried three accounts or more: a host on which one
-- description: application has a wrong password, and another the right one, is none of this.
-- rule: bruteforce.success_after_fail
-- steps: 11
SELECT s.* REPLACE ('' AS database_name), toStartOfMinute(s.event_time) AS window_start
FROM detection_facts AS s
WHERE s.event_time >= {first} AND s.event_time < {until} AND s.command IN ('connect', 'change_user') AND s.status = 'ok'
    AND tuple(s.server_id, s.connection_uid, s.event_time) IN
(
    SELECT server_id, ok.connection_uid, ok.event_time
    FROM
    (
        SELECT f.server_id AS server_id, tuple(o.connection_uid, o.event_time)::Tuple(connection_uid String, event_time DateTime64(6, 'UTC')) AS ok,
            countIf(f.client_address = o.client_address) AS of_client,
            uniqExactIf(f.user_name, f.client_address = o.client_address) AS accounts,
            countIf(f.user_name = o.user_name) AS of_account,
            countIf(f.client_address = o.client_address AND f.user_name = o.user_name) AS of_both
        FROM
        (
            SELECT server_id, client_address, user_name, event_time
            FROM detection_facts
            WHERE event_time >= {from} AND event_time < {until} AND command IN ('connect', 'change_user') AND error_code IN (1045, 1698)
        ) AS f
        INNER JOIN
        (
            SELECT server_id, client_address, user_name, event_time, connection_uid
            FROM detection_facts
            WHERE event_time >= {first} AND event_time < {until} AND command IN ('connect', 'change_user') AND status = 'ok'
        ) AS o ON f.server_id = o.server_id
        WHERE f.event_time < o.event_time AND f.event_time >= o.event_time - toIntervalMinute(10) AND (f.client_address = o.client_address OR f.user_name = o.user_name)
        GROUP BY server_id, ok
        HAVING (of_both > 0 AND (of_client >= 5 OR of_account >= 5)) OR (of_client >= 5 AND accounts >= 3)
    )
)
