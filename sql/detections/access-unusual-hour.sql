-- title: A login at an hour of the day at which, and around which, the account was never seen
-- description: Of accounts known for fourteen days and seen on ten, by UTC hours, one before and one behind included.
-- rule: access.unusual_hour
-- steps: 0
-- facts: command IN ('connect', 'change_user') AND status = 'ok'
-- facts: AND event_time > (SELECT min(first_seen) FROM account_profiles WHERE kind = 'account') + toIntervalDay(14)
SELECT f.* REPLACE ('' AS database_name), toStartOfMinute(f.event_time) AS window_start
FROM {facts} AS f
INNER JOIN
(
    SELECT server_id AS s, user_name AS u, min(first_seen) AS known_since, uniqMerge(days) AS on_days
    FROM account_profiles
    WHERE kind = 'account'
    GROUP BY s, u
    HAVING on_days >= 10 AND known_since < {until} - toIntervalDay(14)
) AS a ON a.s = f.server_id AND a.u = f.user_name
INNER JOIN
(
    SELECT server_id AS s, user_name AS u, groupArray(tuple(toUInt8(value), since)) AS hours
    FROM
    (
        SELECT server_id, user_name, value, min(first_seen) AS since
        FROM account_profiles
        WHERE kind = 'hour'
        GROUP BY server_id, user_name, value
    )
    GROUP BY s, u
) AS h ON h.s = f.server_id AND h.u = f.user_name
WHERE a.known_since < f.event_time - toIntervalDay(14)
    AND NOT arrayExists(hour -> hour.2 < toStartOfHour(f.event_time) - toIntervalHour(1) AND (hour.1 + 25 - toHour(f.event_time)) % 24 <= 2, h.hours)
