-- title: A statement that an account of settled habits never sent before
-- description: Of accounts known for seven days and seen on five, with at most five new statements in the three days before this hour. What
-- description: counts are its runs within its first minute. Medium where it names a table that is new for the account, high where a rule on
-- description: injection matched it too.
-- rule: sqli.new_fingerprint
-- steps: 0
-- facts: status = 'ok' AND statement_digest != ''
-- facts: AND event_time > (SELECT min(first_seen) FROM account_profiles WHERE kind = 'account') + toIntervalDay(7)
-- facts: AND (statement_digest, toStartOfMinute(event_time)) IN (SELECT value, toStartOfMinute(min(first_seen)) FROM account_profiles WHERE kind = 'digest'
-- facts: GROUP BY server_id, user_name, value HAVING min(first_seen) >= {first} AND min(first_seen) < {until})
SELECT f.* REPLACE (toUInt8(multiIf(
        arrayExists(id -> startsWith(id, 'sqli.') AND id != 'sqli.inert_attempt', f.rule_ids), 4,
        arrayExists(named -> arrayExists(known -> known.1 = named AND known.2 >= toStartOfMinute(n.since), t.known), f.tables), 3,
        0)) AS severity),
    toStartOfMinute(f.event_time) AS window_start
FROM {facts} AS f
INNER JOIN
(
    SELECT d.server_id AS s, d.user_name AS u, d.value AS digest, d.since AS since
    FROM
    (
        SELECT server_id, user_name, value, min(first_seen) AS since
        FROM account_profiles
        WHERE kind = 'digest'
        GROUP BY server_id, user_name, value
        HAVING since >= {first} AND since < {until}
    ) AS d
    INNER JOIN
    (
        SELECT server_id, user_name, min(first_seen) AS known_since, uniqMerge(days) AS on_days
        FROM account_profiles
        WHERE kind = 'account'
        GROUP BY server_id, user_name
        HAVING on_days >= 5 AND known_since < {until} - toIntervalDay(7)
    ) AS a ON a.server_id = d.server_id AND a.user_name = d.user_name
    INNER JOIN
    (
        SELECT server_id, user_name, value, min(first_seen) AS since
        FROM account_profiles
        WHERE kind = 'digest'
        GROUP BY server_id, user_name, value
    ) AS o ON o.server_id = d.server_id AND o.user_name = d.user_name
    WHERE a.known_since < d.since - toIntervalDay(7)
    GROUP BY s, u, digest, since
    HAVING countIf(o.since >= d.since - toIntervalDay(3) AND o.since < toStartOfHour(d.since)) <= 5
) AS n ON n.s = f.server_id AND n.u = f.user_name AND n.digest = f.statement_digest
LEFT JOIN
(
    SELECT server_id AS s, user_name AS u, groupArray(tuple(value, since)) AS known
    FROM
    (
        SELECT server_id, user_name, value, min(first_seen) AS since
        FROM account_profiles
        WHERE kind = 'table'
        GROUP BY server_id, user_name, value
    )
    GROUP BY s, u
) AS t ON t.s = f.server_id AND t.u = f.user_name
WHERE f.event_time < toStartOfMinute(n.since) + toIntervalMinute(1) AND f.statement_kind IN ('select', 'insert', 'update', 'delete', 'replace', 'call')
