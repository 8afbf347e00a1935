-- Findings as they stand: their parts merged, and what was decided of them. What scheduled detections counted are in part events
-- that rules had counted, so that of the two the greater number stands. score as in processors/findings/finding-score.ts.
CREATE VIEW findings AS
SELECT
    c.finding_id AS finding_id,
    c.area AS area,
    r.rules.rule_id[1] AS rule_id,
    r.rules.title[1] AS rule_title,
    if(t.decided_by = '', 'open', toString(t.status)) AS status,
    c.severity AS severity,
    toUInt8(least(100, floor([5, 20, 40, 60, 80][toUInt8(c.severity)] * arrayMax(r.rules.confidence)
        + least(8, 2 * floor(log10(greatest(1, c.events)) + 1e-9))
        + least(6, 2 * (length(r.rules) - 1))
        + if(c.accepted > 0, if(c.returned_rows + c.affected_rows > 0, 6, 3), 0)))) AS score,
    c.server_id AS server_id,
    c.user_name AS user_name,
    c.client_address AS client_address,
    c.client_program AS client_program,
    c.database_name AS database_name,
    c.window_start AS window_start,
    c.window_end AS window_end,
    c.first_seen AS first_seen,
    c.last_seen AS last_seen,
    c.events AS events,
    c.accepted AS accepted,
    c.errors AS errors,
    c.returned_rows AS returned_rows,
    c.affected_rows AS affected_rows,
    c.attack_tags AS attack_tags,
    c.tables AS tables,
    r.rules AS rules,
    s.samples AS samples,
    t.decided_by AS decided_by,
    t.reason AS reason,
    t.decided_at AS decided_at
FROM
(
    SELECT
        finding_id,
        any(area) AS area,
        max(severity) AS severity,
        any(server_id) AS server_id,
        any(user_name) AS user_name,
        any(client_address) AS client_address,
        max(client_program) AS client_program,
        any(database_name) AS database_name,
        any(window_start) AS window_start,
        any(window_end) AS window_end,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        greatest(sumIf(k.events, k.kind = 'statement'), maxIf(k.events, k.kind = 'scheduled')) AS events,
        greatest(sumIf(k.accepted, k.kind = 'statement'), maxIf(k.accepted, k.kind = 'scheduled')) AS accepted,
        greatest(sumIf(k.errors, k.kind = 'statement'), maxIf(k.errors, k.kind = 'scheduled')) AS errors,
        greatest(sumIf(k.returned_rows, k.kind = 'statement'), maxIf(k.returned_rows, k.kind = 'scheduled')) AS returned_rows,
        greatest(sumIf(k.affected_rows, k.kind = 'statement'), maxIf(k.affected_rows, k.kind = 'scheduled')) AS affected_rows,
        arraySlice(arraySort(groupUniqArrayArray(k.attack_tags)), 1, 32) AS attack_tags,
        arraySlice(arraySort(groupUniqArrayArray(k.tables)), 1, 16) AS tables
    FROM
    (
        SELECT
            finding_id,
            kind,
            any(p.area) AS area,
            max(p.severity) AS severity,
            any(p.server_id) AS server_id,
            any(p.user_name) AS user_name,
            any(p.client_address) AS client_address,
            max(p.client_program) AS client_program,
            any(p.database_name) AS database_name,
            any(p.window_start) AS window_start,
            any(p.window_end) AS window_end,
            min(p.first_seen) AS first_seen,
            max(p.last_seen) AS last_seen,
            sum(p.events) AS events,
            sum(p.accepted) AS accepted,
            sum(p.errors) AS errors,
            sum(p.returned_rows) AS returned_rows,
            sum(p.affected_rows) AS affected_rows,
            groupUniqArrayArray(p.attack_tags) AS attack_tags,
            groupUniqArrayArray(p.tables) AS tables
        FROM finding_parts AS p FINAL
        WHERE p.events > 0
        GROUP BY finding_id, kind, if(p.kind = 'scheduled', p.rule_id, '')
    ) AS k
    GROUP BY finding_id
) AS c
INNER JOIN
(
    SELECT
        finding_id,
        CAST(arraySort(rule -> (-toInt8(rule.3), -toInt64(rule.6), rule.1), groupArray((id, name, level, sure, tags, matched, since, until))), 'Array(Tuple(rule_id String, title String, severity Enum8(\'info\' = 1, \'low\' = 2, \'medium\' = 3, \'high\' = 4, \'critical\' = 5), confidence Float64, attack_tags Array(String), events UInt64, first_seen DateTime64(6, \'UTC\'), last_seen DateTime64(6, \'UTC\')))') AS rules
    FROM
    (
        SELECT
            finding_id,
            rule.1 AS id,
            any(rule.2) AS name,
            max(CAST(rule.3, 'Enum8(\'info\' = 1, \'low\' = 2, \'medium\' = 3, \'high\' = 4, \'critical\' = 5)')) AS level,
            max(rule.4) AS sure,
            groupUniqArrayArray(rule.5) AS tags,
            sum(rule.6) AS matched,
            min(parseDateTime64BestEffort(rule.7, 6, 'UTC')) AS since,
            max(parseDateTime64BestEffort(rule.8, 6, 'UTC')) AS until
        FROM finding_parts AS p FINAL
        ARRAY JOIN JSONExtract(p.rules, 'Array(Tuple(rule_id String, title String, severity String, confidence Float64, attack_tags Array(String), events UInt64, first_seen String, last_seen String))') AS rule
        WHERE p.events > 0
        GROUP BY finding_id, id
    )
    GROUP BY finding_id
) AS r ON r.finding_id = c.finding_id
LEFT JOIN
(
    SELECT
        finding_id,
        arraySlice(arrayFilter((sample, i) -> indexOf(texts, texts[i]) = i, ordered, arrayEnumerate(ordered)), 1, 24) AS samples
    FROM
    (
        SELECT
            finding_id,
            arraySort(sample -> (sample.1, sample.2), groupArrayArray(JSONExtract(p.samples, 'Array(Tuple(event_time String, event_id String, connection_uid String, command String, statement_digest String, statement_masked String, rule_ids Array(String), error_code UInt16, error_message_masked String, returned_rows UInt64))'))) AS ordered,
            arrayMap(sample -> concat(sample.4, ' ', sample.5), ordered) AS texts
        FROM finding_parts AS p FINAL
        WHERE p.events > 0
        GROUP BY finding_id
    )
) AS s ON s.finding_id = c.finding_id
LEFT JOIN
(
    SELECT
        finding_id,
        argMax(status, d.decided_at) AS status,
        argMax(decided_by, d.decided_at) AS decided_by,
        argMax(reason, d.decided_at) AS reason,
        max(d.decided_at) AS decided_at
    FROM finding_triage AS d
    GROUP BY finding_id
) AS t ON t.finding_id = c.finding_id
