-- What of a server's statements is in the trail, counted as the server itself counts Questions: each text of a query, of several
-- in one command each that was begun; executions; and every other command but those it leaves out. Connections of the watcher
-- are left out as a whole: their program says so, or a name in the texts it sends.
--
-- A text of several statements that failed counts as one: which of them failed is not known.
CREATE VIEW seen_per_minute AS
SELECT minute, server_id, sum(questions) AS seen
FROM
(
    SELECT
        toStartOfMinute(event_time) AS minute,
        server_id,
        connection_uid,
        sumIf(
            if(command = 'query' AND status != 'error', greatest(t.parts, 1), 1),
            command NOT IN ('connect', 'prepare', 'close', 'reset', 'ping', 'statistics')) AS questions,
        max(client_program = 'sqltrail-watch' OR t.is_own) AS is_own
    FROM audit_events FINAL
    LEFT ANY JOIN
    (
        SELECT
            digest,
            any(masked LIKE '%sqltrail_watch%') AS is_own,
            if(
                any(kind IN ('create_procedure', 'create_function', 'create_trigger', 'create_event', 'create_package', 'alter_event', 'begin')
                    AND match(masked, '(?i)\\bbegin\\s+not\\b|^\\s*(create|alter)\\b')),
                1,
                any(length(arrayFilter(part -> match(part, '\\S'), splitByChar(';', replaceRegexpAll(masked, '`[^`]*`|"[^"]*"', '_'))))))::UInt64 AS parts
        FROM statements
        WHERE masked LIKE '%;%' OR masked LIKE '%sqltrail_watch%'
        GROUP BY digest
    ) AS t ON t.digest = audit_events.statement_digest
    GROUP BY minute, server_id, connection_uid
)
WHERE NOT is_own
GROUP BY minute, server_id
