-- title: A login of a known account from a network, or with a program, never seen of it before
-- description: Of accounts known for seven days and seen on five. Networks are /24 of IPv4 and /64 of IPv6: a further host beside the known ones
-- description: is none. Low; medium where network and program are both new.
-- rule: access.new_client
-- steps: 0
-- facts: command IN ('connect', 'change_user') AND status = 'ok'
-- facts: AND event_time > (SELECT min(first_seen) FROM account_profiles WHERE kind = 'account') + toIntervalDay(7)
SELECT f.* REPLACE ('' AS database_name, toUInt8(if(p.is_new_network AND p.is_new_program, 3, 0)) AS severity), toStartOfMinute(f.event_time) AS window_start
FROM {facts} AS f
INNER JOIN
(
    SELECT server_id AS s, user_name AS u, min(first_seen) AS known_since, uniqMerge(days) AS on_days
    FROM account_profiles
    WHERE kind = 'account'
    GROUP BY s, u
    HAVING on_days >= 5 AND known_since < {until} - toIntervalDay(7)
) AS a ON a.s = f.server_id AND a.u = f.user_name
INNER JOIN
(
    SELECT c.server_id AS s, c.user_name AS u, c.network AS network, c.program AS program,
        minIf(k.first_seen, k.kind = 'client' AND k.value = c.network) >= c.minute AS is_new_network,
        c.program != '' AND minIf(k.first_seen, k.kind = 'program' AND k.value = c.program) >= c.minute AND countIf(k.kind = 'program' AND k.value != '' AND k.first_seen < c.minute) > 0 AS is_new_program,
        c.minute AS minute
    FROM
    (
        SELECT DISTINCT server_id, user_name, client_program AS program, toStartOfMinute(event_time) AS minute, client_network AS network
        FROM {facts}
    ) AS c
    INNER JOIN
    (
        SELECT server_id, user_name, kind, value, min(account_profiles.first_seen) AS first_seen
        FROM account_profiles
        WHERE kind IN ('client', 'program')
        GROUP BY server_id, user_name, kind, value
    ) AS k ON k.server_id = c.server_id AND k.user_name = c.user_name
    GROUP BY s, u, network, program, minute
    HAVING is_new_network OR is_new_program
) AS p ON p.s = f.server_id AND p.u = f.user_name AND p.network = f.client_network AND p.program = f.client_program AND p.minute = toStartOfMinute(f.event_time)
WHERE a.known_since < f.event_time - toIntervalDay(7)
