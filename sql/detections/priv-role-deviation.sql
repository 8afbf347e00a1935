-- title: A class of statements, or a schema, that a settled account never used before
-- description: Definitions (ddl), rights (dcl), administration (admin) and files (file), or tables of a schema that is new. Of accounts known for seven
-- description: days and seen on five.
-- rule: priv.role_deviation
-- steps: 0
-- facts: status = 'ok' AND statement_digest != ''
-- facts: AND event_time > (SELECT min(first_seen) FROM account_profiles WHERE kind = 'account') + toIntervalDay(7)
-- facts: AND toStartOfMinute(event_time) IN (SELECT toStartOfMinute(min(first_seen)) FROM account_profiles WHERE kind IN ('verb', 'schema')
-- facts: GROUP BY server_id, user_name, kind, value HAVING min(first_seen) >= {first} AND min(first_seen) < {until})
SELECT f.* REPLACE ('' AS database_name), toStartOfMinute(f.event_time) AS window_start
FROM
(
    SELECT *, arrayConcat([tuple('verb', verb_class)], arrayMap(name -> tuple('schema', name), schemas)) AS traits
    FROM {facts}
) AS f
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
    SELECT server_id AS s, user_name AS u, groupArray(tuple(kind, value, since)) AS fresh
    FROM
    (
        SELECT server_id, user_name, kind, value, min(first_seen) AS since
        FROM account_profiles
        WHERE kind IN ('verb', 'schema')
        GROUP BY server_id, user_name, kind, value
        HAVING since >= {first} AND since < {until}
    )
    GROUP BY s, u
) AS k ON k.s = f.server_id AND k.u = f.user_name
WHERE a.known_since < f.event_time - toIntervalDay(7)
    AND arrayExists(trait -> trait.2 != '' AND arrayExists(known -> known.1 = trait.1 AND known.2 = trait.2 AND f.event_time < toStartOfMinute(known.3) + toIntervalMinute(1), k.fresh), f.traits)
